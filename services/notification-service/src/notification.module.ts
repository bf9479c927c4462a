import type { ServiceDefinition } from '@oms/chassis';
import { MessageRow } from './persistence/entities.js';
import { migrations } from './persistence/migrations.js';
import { NotificationEvents } from './transport/notification.events.js';
import { NotificationRpc } from './transport/notification.rpc.js';

/** The only wiring of notification-service. */
export const notificationModule: ServiceDefinition = {
  name: 'notification-service',
  schema: 'notifications',
  entities: [MessageRow],
  migrations,
  aggregates: [],
  controllers: [NotificationRpc, NotificationEvents],
};
