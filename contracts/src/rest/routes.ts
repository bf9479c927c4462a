import { accessRoutes } from './access.js';
import { notificationRoutes } from './notification.js';
import { orderRoutes } from './order.js';
import { paymentRoutes } from './payment.js';
import { returnRoutes } from './return.js';
import type { RestRow } from './row.js';

/** Every call of the public API. */
export const restRoutes: readonly RestRow[] = [
  ...orderRoutes,
  ...returnRoutes,
  ...paymentRoutes,
  ...notificationRoutes,
  ...accessRoutes,
];
