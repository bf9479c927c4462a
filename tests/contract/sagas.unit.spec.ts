import { expect, it } from '@jest/globals';
import { SagaKind } from '@oms/contracts';
import { placingSaga } from '@oms/order-service';
import { payingSaga } from '@oms/payment-service';
import { refundSaga } from '@oms/return-service';

it('the kinds that a list of cases can be narrowed to are those of the tables', () => {
  expect(SagaKind.options).toEqual([placingSaga, payingSaga, refundSaga].map(({ name }) => name));
});
