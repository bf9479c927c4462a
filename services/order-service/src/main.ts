import { bootService } from '@oms/chassis';
import { config } from './config.js';
import { orderModule } from './order.module.js';

const settings = config.read();
void bootService(orderModule, settings, {
  deadlines: {
    payment_deadline: settings.paymentDeadlineMs,
    give_back_deadline: settings.giveBackDeadlineMs,
  },
});
