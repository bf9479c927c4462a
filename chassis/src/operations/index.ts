import type { ServiceName } from '@oms/contracts';
import type { Command, Query } from '../command.js';
import type { Executor, RpcRequest } from '../execute.js';
import type { ServiceTransport } from '../messaging/transport.js';
import { deadLetterCalls, type DeadLetterPlace } from './dead-letters.js';
import { sagaCalls, type SagaPlace } from './sagas.js';

/** `rpc.order.dead_letters`: what operators ask every service, whatever its business. */
export const operationSubject = (service: ServiceName, verb: string): string =>
  `rpc.${service.replace(/-service$/, '')}.${verb}`;

/** Lets a service answer what operators ask, without a line of its own. Before the transport listens. */
export function answerOperations(
  transport: ServiceTransport,
  executor: Executor,
  place: DeadLetterPlace & SagaPlace,
): void {
  const calls: Record<string, Command | Query> = {
    ...deadLetterCalls(place),
    ...(place.aggregates.some((aggregate) => aggregate.saga) ? sagaCalls(place) : {}),
  };
  for (const [verb, work] of Object.entries(calls))
    transport.addHandler(operationSubject(place.service, verb), (request: RpcRequest) =>
      executor.execute(work, request),
    );
}
