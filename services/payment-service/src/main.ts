import { bootService } from '@oms/chassis';
import { config } from './config.js';
import { paymentModule } from './payment.module.js';

const settings = config.read();
void bootService(paymentModule(settings), settings, {
  deadlines: {
    pay_deadline: settings.payDeadlineMs,
    pay_by_hand_deadline: settings.payByHandDeadlineMs,
  },
});
