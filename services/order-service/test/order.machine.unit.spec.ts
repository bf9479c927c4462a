import { expect, it } from '@jest/globals';
import { cells, verify, verifySaga } from '@oms/chassis/machine';
import { events } from '@oms/contracts';
import { orderPayloads } from '../src/domain/order.events.js';
import { orderMachine } from '../src/domain/order.machine.js';
import { placingSaga } from '../src/domain/placing.saga.js';

it('the tables of order-service are sound', () => {
  expect(verify([orderMachine as never], new Set(Object.keys(events)))).toEqual([]);
  expect(verifySaga(placingSaga)).toEqual([]);
});

it('every event that the table emits has a payload', () => {
  const emitted = new Set(orderMachine.rows.flatMap((row) => row.emits ?? []));
  expect([...emitted].filter((name) => !(name in orderPayloads))).toEqual([]);
});

it('every cell is as it was reviewed', () => {
  expect(
    cells(orderMachine as never).map((cell) => `${cell.status} × ${cell.on}: ${cell.outcomes.join(' | ')}`),
  ).toMatchSnapshot();
});
