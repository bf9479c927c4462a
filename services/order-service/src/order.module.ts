import type { ServiceDefinition } from '@oms/chassis';
import { OrderRow } from './persistence/entities.js';
import { migrations } from './persistence/migrations.js';
import { orderAggregate } from './persistence/order.aggregate.js';
import { OrderEvents } from './transport/order.events.js';
import { OrderRpc } from './transport/order.rpc.js';

/** The only wiring of order-service. What it can do is listed in OrderRpc, what it listens to in OrderEvents. */
export const orderModule: ServiceDefinition = {
  name: 'order-service',
  schema: 'orders',
  entities: [OrderRow],
  migrations,
  aggregates: [orderAggregate],
  controllers: [OrderRpc, OrderEvents],
};
