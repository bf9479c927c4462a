import { bootService } from '@oms/chassis';
import { config } from './config.js';
import { notificationModule } from './notification.module.js';

const settings = config.read();
void bootService(notificationModule(settings), settings);
