import { bootService } from '@oms/chassis';
import { config } from './config.js';
import { orderModule } from './order.module.js';

await bootService(orderModule, config.read());
