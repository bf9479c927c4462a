import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Command } from '../src/command.js';
import { Executor } from '../src/execute.js';
import { createLog } from '../src/log.js';
import { UnitOfWork } from '../src/unit-of-work.js';
import { openShopSchema } from './shop-schema.ts';

let shop: Awaited<ReturnType<typeof openShopSchema>>;
let uow: UnitOfWork;
let executor: Executor;

beforeAll(async () => {
  shop = await openShopSchema({ poolMax: 4 });
  uow = new UnitOfWork(shop.orm);
  executor = new Executor({
    uow,
    schema: 'shop',
    service: 'shop',
    log: createLog('test', 'silent'),
    wrote: () => {},
  });
});
afterAll(async () => {
  await shop?.close();
});

/** A command that commits `asked`, and answers `said` once the outside has spoken. */
function asksOutside() {
  let speak = () => {};
  const spoken = new Promise<void>((resolve) => (speak = resolve));
  let waits = () => {};
  const waiting = new Promise<void>((resolve) => (waits = resolve));
  const command: Command = {
    kind: 'command',
    name: 'outside.ask',
    access: 'staff',
    schema: z.strictObject({}),
    run: () => Promise.resolve({ body: { answer: 'asked' }, version: 1 }),
    settle: async () => {
      waits();
      await spoken;
      return { body: { answer: 'said' }, version: 2 };
    },
  };
  return { command, waiting, speak };
}
const send = (command: Command, key: string) =>
  executor.execute(command, {
    body: {},
    actor: { type: 'staff', id: 'sam', scopes: null },
    requestId: null,
    idempotencyKey: key,
    idempotencyScope: null,
    ifMatch: null,
  });

it('a twin of what still waits for the outside is told so, and later has the answer of the first', async () => {
  const { command, waiting, speak } = asksOutside();
  const first = send(command, 'waits');
  await Promise.race([waiting, first]);
  expect(await send(command, 'waits')).toMatchObject({
    ok: false,
    failure: { code: 'idempotency_in_progress' },
  });
  speak();
  expect(await first).toMatchObject({ ok: true, body: { answer: 'said' }, replayed: false });
  expect(await send(command, 'waits')).toMatchObject({
    ok: true,
    body: { answer: 'said' },
    replayed: true,
  });
});

it('a process that waited for too long gives the answer that its twins were given meanwhile', async () => {
  const { command, waiting, speak } = asksOutside();
  const first = send(command, 'frozen');
  await Promise.race([waiting, first]);
  await uow
    .reader()
    .execute(`update shop.idempotency set settling_until = now() - interval '1 second' where key = 'frozen'`);
  const twin = { ok: true, body: { answer: 'asked' }, replayed: true };
  expect(await send(command, 'frozen')).toMatchObject(twin);
  speak();
  expect(await first).toMatchObject({ ok: true, body: { answer: 'asked' }, replayed: false });
  expect(await send(command, 'frozen')).toMatchObject(twin);
});
