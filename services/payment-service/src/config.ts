import { deadline, defineConfig, row, serviceRows } from '@oms/chassis';
import { z } from 'zod';

/** Everything an operator may set for payment-service. */
export const config = defineConfig('payment-service', {
  ...serviceRows,
  providerUrl: row({ env: 'PAYMENT_PROVIDER_URL', parse: z.url(), describes: 'the payment provider' }),
  reconcileEveryS: row({
    env: 'RECONCILE_EVERY_S',
    parse: z.coerce.number().int().min(0),
    default: '3600',
    describes: "how often our ledger is held against the provider's, in s; 0 never does it by itself",
  }),
  payDeadlineMs: row({
    env: 'PAY_DEADLINE_MS',
    parse: deadline,
    default: '86400000',
    describes:
      "how long a payment that was opened for itself may stay pending and keep its part of its order's cost, in ms",
  }),
  payByHandDeadlineMs: row({
    env: 'PAY_BY_HAND_DEADLINE_MS',
    parse: deadline,
    default: '2592000000',
    describes: 'the same of a payment that staff record when its money has come, in ms',
  }),
  providerRetentionDays: row({
    env: 'PROVIDER_RETENTION_DAYS',
    parse: z.coerce.number().min(31),
    default: '90',
    describes:
      'how long webhooks of the provider and runs of the reconciler are kept, in days; longer than the provider sends anything again',
  }),
});
