import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@oms/chassis';
import { createReturn } from '../src/features/create-return.js';
import { Returns } from './returns.js';

let returns: Returns;
beforeAll(async () => {
  returns = await Returns.start();
}, 60_000);
afterAll(() => returns?.ground.stop(), 60_000);

type Reply = Awaited<ReturnType<Returns['tryStep']>>;
const faultOf = (reply: Reply) =>
  reply.ok ? [] : [reply.failure.code, reply.failure.extra.errors?.map(({ path }) => path)];

describe('a refused line of a return', () => {
  it('is named when it can not come back, and no state is told that never was', async () => {
    const { orderId, itemId } = await returns.delivered();
    const items = [{ orderItemId: itemId, quantity: 2, reason: 'defective' }];
    const tooMany = await returns.ground.send(createReturn(returns.ground.runtime), { orderId, items });
    expect(faultOf(tooMany)).toEqual(['quantity_not_returnable', ['items.0.quantity']]);
    expect(!tooMany.ok && Object.keys(tooMany.failure.extra)).toEqual(['errors']);
  });

  it('is named when it is not of this return, came twice in one list, or did not come', async () => {
    const order = await returns.delivered();
    const { id, items: lines } = await returns.open(order);
    await returns.tryStep(id, 'approve');
    const returnItemId = lines[0]?.id;
    const one = { returnItemId, quantity: 1, condition: 'new' };
    const other = { ...one, returnItemId: newId('rit') };
    const receive = async (...items: object[]) => faultOf(await returns.tryStep(id, 'receive', { items }));
    const process = async (...items: object[]) => faultOf(await returns.tryStep(id, 'process', { items }));
    expect(await receive(one, other)).toEqual(['unknown_return_item', ['items.1.returnItemId']]);
    const twice = await returns.tryStep(id, 'receive', { items: [one, one] });
    expect(twice).toMatchObject({
      failure: {
        code: 'validation_failed',
        extra: { errors: [{ path: 'items', message: 'each item once' }] },
      },
    });
    await receive(one);
    const settled = { returnItemId, disposition: 'restock', acceptedQuantity: 2 };
    expect(await process(settled)).toEqual(['quantity_not_received', ['items.0.acceptedQuantity']]);
    expect(await process({ ...settled, returnItemId: newId('rit') })).toEqual([
      'unknown_return_item',
      ['items.0.returnItemId'],
    ]);
  });
});
