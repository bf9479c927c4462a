import { deadline, defineConfig, row, serviceRows } from '@oms/chassis';
import { z } from 'zod';

/** A deadline that the policy knows already. */
const overPolicy = z.union([z.literal('policy').transform(() => null), deadline]);

/** Everything an operator may set for return-service. */
export const config = defineConfig('return-service', {
  ...serviceRows,
  shipBackDeadlineMs: row({
    env: 'SHIP_BACK_DEADLINE_MS',
    parse: overPolicy,
    default: 'policy',
    describes: "how long an approved return waits for the goods, in ms; `policy` is the return's own",
  }),
  inspectionDeadlineMs: row({
    env: 'INSPECTION_DEADLINE_MS',
    parse: overPolicy,
    default: 'policy',
    describes:
      "how long goods that came may lie uninspected before a person is asked, in ms; `policy` is the return's own",
  }),
  refundDeadlineMs: row({
    env: 'REFUND_DEADLINE_MS',
    parse: overPolicy,
    default: 'policy',
    describes:
      "how long a refund may stay unanswered before a person looks, in ms; `policy` is the return's own",
  }),
});
