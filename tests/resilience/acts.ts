import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers as natsHeaders, type NatsConnection } from '@nats-io/transport-node';
import { filterSubjects, STREAM, type ServiceName } from '@oms/contracts';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { connectAs } from '../../deploy/nats/connect.ts';
import { provisionNats } from '../../deploy/nats/provision.ts';
import type { Act } from './faults.ts';
import type { Ground } from './ground.ts';
import type { Random } from './random.ts';
import { springFirst } from './spring.ts';

/** A process and its children: a signal to the postmaster alone leaves its sessions at work. */
function family(pid: number): number[] {
  const children = readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      // After the name in brackets: state, then the parent.
      const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? [];
      return Number(parent) === pid;
    } catch {
      return false;
    }
  });
  return [pid, ...children.map(Number)];
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone already.
    }
  }
}

const one = (ground: Ground, role: string, random: Random): string => random.pick(ground.replicasOf(role));

async function withBroker<T>(ground: Ground, work: (nc: NatsConnection) => Promise<T>): Promise<T> {
  const nc = await connectAs(ground.stack.run.nats.admin, { name: 'bench', maxReconnectAttempts: -1 });
  try {
    return await work(nc);
  } finally {
    await nc.close();
  }
}

async function publishAgain(ground: Ground, times: number, random: Random): Promise<void> {
  await withBroker(ground, async (nc) => {
    const js = jetstream(nc);
    const consumer = await js.consumers.get(STREAM);
    const seen: { subject: string; data: Uint8Array; headers: [string, string][] }[] = [];
    if ((await consumer.info()).num_pending === 0) return;
    for await (const { subject, data, headers, info } of await consumer.consume({ max_messages: 1_000 })) {
      const kept = (headers?.keys() ?? []).filter((name) => !name.startsWith('Nats-'));
      if (headers?.get('ce-id'))
        seen.push({ subject, data, headers: kept.map((name) => [name, headers.get(name)]) });
      if (info.pending === 0) break;
    }
    // Only what this run told: all of a long bench again would be a fault of another kind.
    const recent = seen.slice(-800);
    for (let round = 0; round < times; round++) {
      for (const message of random.shuffled(recent)) {
        const headers = natsHeaders();
        for (const [name, value] of message.headers) headers.set(name, value);
        await js.publish(message.subject, message.data, { headers });
      }
    }
  });
}

/** Publishes one message as nobody of ours would, under an aggregate of its own, and books it as poison. */
async function publishPoison(
  ground: Ground,
  random: Random,
  message: { type: string; version?: number; headers: boolean; body: object | string },
): Promise<void> {
  const subject = `ord_poison${random.between(1, 2 ** 31)}x${Date.now()}`;
  const id = `evt_poison${random.between(1, 2 ** 31)}x${Date.now()}`;
  const headers = natsHeaders();
  const fields: Record<string, string> = {
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-type': `${message.type}.v${message.version ?? 1}`,
    'ce-source': '/oms/order-service',
    'ce-subject': subject,
    'ce-sequence': '1',
    'ce-time': new Date().toISOString(),
    'ce-correlationid': id,
  };
  if (message.headers) for (const [name, value] of Object.entries(fields)) headers.set(name, value);
  const verb = message.type.slice(message.type.indexOf('.') + 1);
  await withBroker(ground, async (nc) => {
    const body = typeof message.body === 'string' ? message.body : JSON.stringify(message.body);
    await jetstream(nc).publish(`oms.order.v1.${subject}.${verb}`, body, { headers });
  });
  ground.books.poisoned(subject);
}

/** Does one act, and undoes what has to be undone (a frozen process goes on, a cut wire is mended) before it answers. */
export async function perform(ground: Ground, act: Act, random: Random): Promise<void> {
  switch (act.do) {
    case 'kill': {
      const pids = act.to === 'postgres' ? family(ground.pid('postgres')) : [];
      ground.signal(one(ground, act.to, random), 'SIGKILL');
      signalAll(pids, 'SIGKILL');
      return;
    }
    case 'terminate':
      ground.signal(one(ground, act.to, random), 'SIGTERM');
      return;
    case 'freeze': {
      const pids = family(ground.pid(one(ground, act.to, random)));
      signalAll(pids, 'SIGSTOP');
      await pause(act.forMs);
      return signalAll(pids, 'SIGCONT');
    }
    case 'cut':
    case 'stall': {
      const cutOff = act.of === '*' ? ground.named(/-service(-\d+)?$/) : [one(ground, act.of, random)];
      const wires = cutOff.flatMap((name) => ground.wires.get(`${name} ${act.from}`) ?? []);
      for (const wire of wires) act.do === 'cut' ? wire.cut() : wire.stall();
      await pause(act.forMs);
      for (const wire of wires) wire.mend();
      return;
    }
    case 'end every database session': {
      const client = new pg.Client({ connectionString: ground.stack.run.postgres.url });
      await client.connect();
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename <> 'postgres'`,
      );
      return client.end();
    }
    case 'let inspections be due':
      await ground.books.query(
        `update returns.saga set deadline_at = now() - interval '10 seconds' where deadline_name = 'inspection' and deadline_at > now()`,
      );
      return;
    case 'forget what was delivered':
      return withBroker(ground, async (nc) => {
        const jsm = await jetstreamManager(nc);
        if (filterSubjects(act.to as ServiceName).length === 0) return;
        await jsm.consumers.delete(STREAM, act.to);
        const replicas = ground.named(/^nats(-\d+)?$/).length;
        // Another act may delete a consumer that this one has just made: whoever provisions is started again, as a job is.
        for (let left = 10; ; left--)
          try {
            return await provisionNats(ground.stack.run.nats.admin, { replicas });
          } catch (error) {
            if (left === 0) throw error;
            await pause(100);
          }
      });
    case 'publish everything again, shuffled':
      return publishAgain(ground, act.times, random);
    case 'poison': {
      const bad = {
        undecodable: { type: 'order.placed', headers: false, body: '{"not json' },
        'of an unknown version': { type: 'order.placed', version: 9, headers: true, body: {} },
        'refused by its handler': { type: 'order.placed', headers: true, body: {} },
      } as const;
      await publishPoison(ground, random, bad[act.kind]);
      return;
    }
    case 'poison that kills': {
      // Whoever commits what this event does ends there, as by a bug that takes the process down.
      const orderId = `ord_poison${Date.now()}`;
      const body = {
        orderId,
        number: 'x',
        customerId: null,
        currency: 'GBP',
        status: 'pending',
        total: 1,
        shippingTotal: 0,
        lines: [],
      };
      const deaths = (async () => {
        for (let death = 0; death < 3; death++) {
          const trap = {
            point: 'before commit',
            during: 'handle order.updated',
            nth: 1,
            strike: 'kill',
          } as const;
          const { pid } = await springFirst(ground, act.to, trap).reached;
          ground.doomed.add(pid);
        }
      })();
      await publishPoison(ground, random, { type: 'order.updated', headers: true, body });
      await deaths;
      return;
    }
  }
}
