import { defineConfig, serviceRows } from '@oms/chassis';

/** Everything an operator may set for return-service. */
export const config = defineConfig('return-service', { ...serviceRows });
