import { accessRoutes } from './access.js';
import { notificationRoutes } from './notification.js';
import { operationRoutes } from './operations.js';
import { orderRoutes } from './order.js';
import { paymentRoutes } from './payment.js';
import { returnRoutes } from './return.js';
import type { RestRow } from './row.js';
import { webhookRoutes } from './webhook.js';

const rows = [
  ...orderRoutes,
  ...returnRoutes,
  ...paymentRoutes,
  ...notificationRoutes,
  ...webhookRoutes,
  ...accessRoutes,
  ...operationRoutes,
] as const;

/** Every call of the public API, each with its own types: what a client takes its signatures from. */
export type RestCall = (typeof rows)[number];
export type RestCallName = RestCall['name'];

/** Every call of the public API. */
export const restRoutes: readonly RestRow[] = rows;

/** The row of a call by its name. */
export const restRoute = (name: RestCallName): RestRow => {
  const row = restRoutes.find((one) => one.name === name);
  if (!row) throw new Error(`no call is named ${name}`);
  return row;
};
