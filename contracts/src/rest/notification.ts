import { listNotificationsQuery, MessagePage } from '../notification/queries.js';
import type { RestRow } from './row.js';

/** The calls on messages to customers. */
export const notificationRoutes = [
  {
    name: 'listNotifications',
    method: 'GET',
    path: '/notifications',
    subject: 'rpc.notification.list',
    does: 'Messages to customers, newest first',
    query: listNotificationsQuery,
    response: MessagePage,
    success: 200,
    access: 'staff',
  },
] as const satisfies readonly RestRow[];
