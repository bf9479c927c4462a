import { defineConfig, serviceRows } from '@oms/chassis';

/** Everything an operator may set for notification-service. */
export const config = defineConfig('notification-service', { ...serviceRows });
