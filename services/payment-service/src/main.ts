import { bootService } from '@oms/chassis';
import { config } from './config.js';
import { paymentModule } from './payment.module.js';

const settings = config.read();
await bootService(paymentModule(settings), settings);
