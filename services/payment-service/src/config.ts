import { defineConfig, row, serviceRows } from '@oms/chassis';
import { z } from 'zod';

/** Everything an operator may set for payment-service. */
export const config = defineConfig('payment-service', {
  ...serviceRows,
  providerUrl: row({ env: 'PAYMENT_PROVIDER_URL', parse: z.url(), describes: 'the payment provider' }),
});
