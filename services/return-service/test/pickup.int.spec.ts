import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Returns } from './returns.js';

let returns: Returns;
beforeAll(async () => {
  returns = await Returns.start();
}, 60_000);
afterAll(() => returns?.ground.stop(), 60_000);

it('a pickup may be told of after it was made, and is refused before the return was asked for', async () => {
  const { id, createdAt } = await returns.open(await returns.delivered());
  await returns.tryStep(id, 'approve');
  const schedule = (pickupAt: string) => returns.tryStep(id, 'schedule_pickup', { pickupAt, carrier: 'DHL' });
  expect(await schedule('2001-01-01T00:00:00Z')).toMatchObject({
    failure: { code: 'validation_failed', extra: { errors: [{ path: 'pickupAt' }] } },
  });
  expect(await schedule(createdAt)).toMatchObject({
    body: { status: 'pickup_scheduled', pickup: { at: createdAt } },
  });
});
