import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@oms/chassis';
import { openDoor, type Door } from './open-door.js';

let door: Door;
let unchanged: boolean;
const orderId = newId('ord');
beforeAll(async () => {
  door = await openDoor({
    call: async () => ({ body: { id: orderId }, version: '7', replayed: false, unchanged }),
  });
});
afterAll(() => door.close());

it.each([
  { unchanged: false, status: 201, location: `/api/v1/orders/${orderId}` },
  { unchanged: true, status: 200, location: null },
])('a parcel is $status when unchanged is $unchanged', async ({ status, location, ...answered }) => {
  unchanged = answered.unchanged;
  const items = [{ itemId: newId('itm'), quantity: 1 }];
  const answer = await door.fetch(`/api/v1/orders/${orderId}/shipments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ items, carrier: 'Royal Mail', trackingNumber: 'RM1' }),
  });
  expect([answer.status, answer.headers.get('location')]).toEqual([status, location]);
});
