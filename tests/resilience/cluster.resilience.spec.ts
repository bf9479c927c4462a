import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { STREAM } from '@oms/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAs } from '../../deploy/nats/connect.ts';
import { tokenOf } from '../../tools/src/development-token.ts';
import { Ground } from './ground.ts';
import { endedByThemselves, judge } from './judge.ts';
import { Witness } from './witness.ts';
import { workload } from './workload.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.start({ natsNodes: 3 });
}, 120_000);
afterAll(() => ground?.close(), 60_000);

async function stream(): Promise<{ leader: string; replicas: number }> {
  const servers = ground
    .replicasOf('nats')
    .map((name) => ground.stack.run[name] as unknown as { admin: string });
  const nc = await connectAs(servers.map(({ admin }) => admin).join(','), { name: 'drill' });
  try {
    const { cluster, config } = await (await jetstreamManager(nc)).streams.info(STREAM);
    return { leader: cluster?.leader ?? '', replicas: config.num_replicas };
  } finally {
    await nc.close();
  }
}

/** The longest time, in ms, that an event committed since `from` waited for the broker. */
async function longestGap(from: Date): Promise<number> {
  const [row] = await ground.books.query<{ gap: string }>(
    `select extract(epoch from max(published_at - created_at)) * 1000 as gap from all_outbox where created_at >= $1`,
    [from],
  );
  return Math.round(Number(row?.gap ?? 0));
}

it.each([
  ['killed', async (leader: string) => void ground.signal(leader, 'SIGKILL')],
  [
    'cut off for eight seconds',
    async (leader: string) => {
      ground.signal(leader, 'SIGSTOP');
      await pause(8_000);
      ground.signal(leader, 'SIGCONT');
    },
  ],
])(
  'the leader of three brokers is %s under load, and no acknowledged event is lost',
  async (what, strike) => {
    const endings = ground.stack.endings.length;
    const api = new Witness(() => ground.gateways, tokenOf({ role: 'staff' }, ground.stack.run.issuer.url));
    const { leader, replicas } = await stream();
    expect(replicas).toBe(3);
    const from = new Date();
    const telling = workload(api, {
      seed: 7,
      name: `cluster-${what.replaceAll(' ', '-')}`,
      rounds: 1,
      atOnce: 6,
    });
    await pause(2_000);
    await strike(leader);
    expect(await telling).toEqual([]);
    expect((await judge(ground)).broken).toEqual([]);
    expect(await api.repeatAll()).toEqual([]);
    expect(api.surprises).toEqual([]);
    expect(endedByThemselves(ground, endings)).toEqual([]);
    console.log(
      `leader ${leader} ${what}: an event waited ${await longestGap(from)} ms at most; answers ${JSON.stringify(Object.fromEntries(api.statuses))}`,
    );
  },
  300_000,
);
