import { bootService } from '@oms/chassis';
import { config } from './config.js';
import { paymentModule } from './payment.module.js';

const settings = config.read();
void bootService(paymentModule(settings), settings);
