import { bootService } from '@oms/chassis';
import { config } from './config.js';
import { notificationModule } from './notification.module.js';

await bootService(notificationModule, config.read());
