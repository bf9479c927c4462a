import type { ServiceDefinition } from '@oms/chassis';
import { entities } from './persistence/entities.js';
import { migrations } from './persistence/migrations.js';
import { returnAggregate } from './persistence/return.aggregate.js';
import { ReturnEvents } from './transport/return.events.js';
import { ReturnRpc } from './transport/return.rpc.js';

/** The only wiring of return-service. What it can do is listed in ReturnRpc, what it listens to in ReturnEvents. */
export const returnModule: ServiceDefinition = {
  name: 'return-service',
  schema: 'returns',
  entities,
  migrations,
  aggregates: [returnAggregate],
  controllers: [ReturnRpc, ReturnEvents],
};
