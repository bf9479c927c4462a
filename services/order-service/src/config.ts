import { deadline, defineConfig, row, serviceRows } from '@oms/chassis';

/** Everything an operator may set for order-service. */
export const config = defineConfig('order-service', {
  ...serviceRows,
  paymentDeadlineMs: row({
    env: 'PAYMENT_DEADLINE_MS',
    parse: deadline,
    default: '900000',
    describes: 'how long an order waits for its money before it is cancelled, in ms',
  }),
  giveBackDeadlineMs: row({
    env: 'GIVE_BACK_DEADLINE_MS',
    parse: deadline,
    default: '86400000',
    describes: "how long a cancelled order waits for its money's way back before a person looks, in ms",
  }),
});
