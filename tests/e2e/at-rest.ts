import { jetstreamManager } from '@nats-io/jetstream';
import { eventually } from '@oms/chassis/testing';
import { serviceNames, STREAM } from '@oms/contracts';
import pg from 'pg';
import type { Stack } from '../../deploy/local/src/stack.ts';
import { connectAs } from '../../deploy/nats/connect.ts';

interface Standing {
  /** Events that were ever published. */
  events: string;
  /** Events to be published or worked through, and what the provider is asked for. */
  open: string;
}

async function standing(client: pg.Client): Promise<Standing | undefined> {
  const { rows } = await client.query<Standing>(
    `select (select count(*) from orders.outbox) + (select count(*) from payments.outbox) + (select count(*) from returns.outbox) as events,
            (select count(*) from payments.operation where state not in ('succeeded', 'declined')) + ${[
              'orders',
              'payments',
              'returns',
              'notifications',
            ]
              .flatMap((schema) => [
                `(select count(*) from ${schema}.inbox where state <> 'done')`,
                `(select count(*) from ${schema}.outbox where published_at is null)`,
              ])
              .join(' + ')} as open`,
  );
  return rows[0];
}

/** Whether the broker has nothing left for any service. An event on its way is in no inbox yet. */
async function everythingIsDelivered(admin: string): Promise<boolean> {
  const nc = await connectAs(admin);
  try {
    const jsm = await jetstreamManager(nc);
    const readers = await Promise.all(serviceNames.map((name) => jsm.consumers.info(STREAM, name)));
    return readers.every((one) => one.num_pending + one.num_ack_pending === 0);
  } finally {
    await nc.close();
  }
}

/** Waits until nothing moves by itself any more: no event is to be published, delivered or worked through, and nothing to be paid. */
export async function untilAtRest({ run }: Stack, withinMs?: number): Promise<void> {
  const client = new pg.Client({ connectionString: run.postgres.url });
  await client.connect();
  const isAtRest = async (): Promise<boolean> => {
    const before = await standing(client);
    if (before?.open !== '0' || !(await everythingIsDelivered(run.nats.admin))) return false;
    const after = await standing(client);
    return after?.open === '0' && after.events === before.events;
  };
  try {
    await eventually('nothing is under way', () => isAtRest().catch(() => false), withinMs);
  } finally {
    await client.end();
  }
}
