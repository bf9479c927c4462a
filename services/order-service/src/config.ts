import { defineConfig, serviceRows } from '@oms/chassis';

/** Everything an operator may set for order-service. */
export const config = defineConfig('order-service', { ...serviceRows });
