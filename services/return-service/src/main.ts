import { bootService } from '@oms/chassis';
import { config } from './config.js';
import { returnModule } from './return.module.js';

const settings = config.read();
void bootService(returnModule, settings, {
  deadlines: {
    ship_back: settings.shipBackDeadlineMs,
    inspection: settings.inspectionDeadlineMs,
    refund_deadline: settings.refundDeadlineMs,
  },
});
