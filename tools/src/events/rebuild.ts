import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { STREAM, type ServiceName } from '@oms/contracts';

/**
 * Ends a service's consumer, so that the one that is provisioned next reads the stream from its start. Answers how many
 * messages that is at most.
 */
export async function rebuildConsumer(nc: NatsConnection, service: ServiceName): Promise<number> {
  const jsm = await jetstreamManager(nc);
  await jsm.consumers.delete(STREAM, service).catch(() => false);
  return (await jsm.streams.info(STREAM)).state.messages;
}
