import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { UnitOfWork } from '../src/unit-of-work.js';
import { openShopSchema } from './shop-schema.ts';

const POOL = 3;
let shop: Awaited<ReturnType<typeof openShopSchema>>;
let uow: UnitOfWork;

beforeAll(async () => {
  shop = await openShopSchema({ poolMax: POOL, further: ['create table shop.lamp (id int primary key)'] });
  uow = new UnitOfWork(shop.orm);
});
afterAll(async () => {
  await shop?.close();
});

const everyConnection = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: POOL }, work));
const change = () =>
  uow.run(async (em) => {
    await em.execute('select * from shop.lamp where id = ? for update', [1]);
    await em.execute('select pg_sleep(0.02)');
    return em.execute<object[]>('update shop.lamp set id = id where id = ? returning *', [1]);
  });
const read = () => uow.reader().execute<object[]>('select * from shop.lamp');

beforeEach(async () => {
  await uow.run((em) => em.execute('insert into shop.lamp (id) values (1) on conflict do nothing'));
});

it('a text without parameters is prepared as well', async () => {
  await everyConnection(read);
  await uow.run(async (em) => {
    await em.execute('select * from shop.lamp');
    const prepared = await em.execute<object[]>(
      'select 1 from pg_prepared_statements where statement = ? and generic_plans + custom_plans > 0',
      ['select * from shop.lamp'],
    );
    expect(prepared).toHaveLength(1);
  });
});

it('a table that gets a column is read and changed as before, by connections that knew it without', async () => {
  await everyConnection(change);
  await everyConnection(read);
  await uow.run((em) => em.execute('alter table shop.lamp add column colour text'));
  expect(await everyConnection(change)).toEqual(Array(POOL).fill([{ id: 1, colour: null }]));
  expect(await everyConnection(read)).toEqual(Array(POOL).fill([{ id: 1, colour: null }]));
  await uow.run((em) => em.execute('alter table shop.lamp add column watts int'));
  expect(await everyConnection(read)).toEqual(Array(POOL).fill([{ id: 1, colour: null, watts: null }]));
});
