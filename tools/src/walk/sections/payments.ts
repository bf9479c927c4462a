import { until } from '@oms/client';
import { fields, holds, need, refused, same, section } from '../sentence.ts';
import type { World } from '../world.ts';

/** What the sandbox's book says of a payment, as `capture succeeded 1836`. */
const book = async (w: World, id: string): Promise<string[]> =>
  (await w.ledger(id)).map((row) => `${row.operation} ${row.outcome} ${row.amount}`);

const TOTAL = 1_836;
const CHARGED = [`authorize succeeded ${TOTAL}`, `capture succeeded ${TOTAL}`];

/** What the customer's bank does, on demand. */
const atTheBank = (w: World, path: string, body: object) =>
  fetch(`${w.run['payment-sandbox'].url}/v1/chargebacks${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });

export const payments = section('Payments', {
  'states: pending → authorized → captured': async (w) => {
    const { id: orderId } = await w.staff.createOrder(w.body());
    const body = { orderId, method: 'card', token: 'tok_visa', capture: 'manual' } as const;
    const { id, status } = await w.staff.createPayment(body);
    const seen = [
      status,
      (await w.staff.processPayment(id)).status,
      (await w.staff.capturePayment(id)).status,
    ];
    same(seen, ['pending', 'authorized', 'captured']);
  },
  'then partially_refunded, refunded': async (w) => {
    const { id } = await w.charged();
    same((await w.staff.refundPayment(id, { amount: 1 })).status, 'partially_refunded');
    same((await w.staff.refundPayment(id)).status, 'refunded');
  },
  'and failed, voided': async (w) => {
    same((await w.charged('tok_expiredCard')).status, 'failed');
    const { id } = await w.charged('tok_visa', { capture: 'manual' });
    same((await w.staff.voidPayment(id, { reason: 'x' })).status, 'voided');
  },
  'POST /payments: customer (own order), staff': async (w) => {
    const own = await w.jane.createOrder(w.body());
    const body = { orderId: own.id, method: 'card', token: 'tok_visa' } as const;
    await refused(w.mallory.createPayment(body), 404, 'order_not_found');
    same((await w.jane.createPayment({ ...body, amount: 36 })).amount, 36);
    same((await w.staff.createPayment(body)).amount, 1_800);
  },
  "the amount is the order's open balance when left out, and never more": async (w) => {
    const { id: orderId, total } = await w.staff.createOrder(w.body());
    const body = { orderId, method: 'card', token: 'tok_visa' } as const;
    await refused(w.staff.createPayment({ ...body, amount: total + 1 }), 422, 'amount_exceeds_balance');
    await w.staff.createPayment({ ...body, amount: 1_000 });
    same((await w.staff.createPayment(body)).amount, total - 1_000);
    await refused(w.staff.createPayment(body), 422, 'nothing_to_pay');
  },
  'GET /payments: filters orderId, status, provider; with refunds, attempts': async (w) => {
    const { id, orderId } = await w.charged();
    await w.staff.refundPayment(id, { amount: 1 });
    const ids = async (query: object) =>
      (await w.staff.listPayments({ orderId, ...query })).data.map((one) => one.id);
    same([await ids({}), await ids({ status: ['partially_refunded'] })], [[id], [id]]);
    same([await ids({ status: ['failed'] }), await ids({ provider: 'manual' })], [[], []]);
    same(await ids({ provider: 'sandbox' }), [id]);
    const [listed] = (await w.staff.listPayments({ orderId })).data;
    const one = await w.staff.getPayment(id);
    same([listed?.refunds.length, one.refunds.length], [1, 1]);
    same(
      [listed?.attempts, one.attempts].map((all) => [...new Set(all?.map((attempt) => attempt.operation))]),
      [
        ['authorize', 'capture', 'refund'],
        ['authorize', 'capture', 'refund'],
      ],
    );
  },
  'PATCH /payments/{id}: metadata, note; token while pending': async (w) => {
    const { id: orderId } = await w.staff.createOrder(w.body());
    const { id } = await w.staff.createPayment({ orderId, method: 'card', token: 'tok_expiredCard' });
    const change = { metadata: { a: 'b' }, note: 'n' };
    const { metadata, note } = await w.staff.updatePayment(id, { ...change, token: 'tok_visa' });
    same({ metadata, note }, change);
    same((await w.staff.processPayment(id)).status, 'captured');
    await refused(w.staff.updatePayment(id, { token: 'tok_visa' }), 409, 'transition_not_allowed');
    same((await w.staff.updatePayment(id, { note: 'later' })).note, 'later');
    const changes = (await w.staff.paymentHistory(id)).data.flatMap(({ changed }) => changed ?? []);
    same(changes, ['metadata', 'note', 'token', 'note']);
  },
  'POST /payments/{id}/process: both; authorise, and capture unless manual': async (w) => {
    const { id: orderId } = await w.jane.createOrder(w.body());
    const { id } = await w.jane.createPayment({ orderId, method: 'card', token: 'tok_visa' });
    same((await w.jane.processPayment(id)).status, 'captured');
    same((await w.charged('tok_visa', { capture: 'manual' })).status, 'authorized');
  },
  'POST /payments/{id}/capture { amount? } · /void { reason? }: staff': async (w) => {
    const { id } = await w.charged('tok_visa', { capture: 'manual' });
    same((await w.staff.capturePayment(id, { amount: 836 })).capturedAmount, 836);
    await refused(w.jane.capturePayment(id), 403, 'forbidden');
    await refused(w.jane.voidPayment(id), 403, 'forbidden');
    same((await w.staff.voidPayment(id)).capturedAmount, 836);
  },
  'POST /payments/{id}/refund { amount?, reason?, returnId? } → the payment': async (w) => {
    const order = await w.delivered();
    const back = await w.openReturn(order, 1);
    const { id } = await w.paymentOf(order.id);
    const body = { amount: 306, reason: 'goodwill', returnId: back.id };
    const { refunds } = await w.staff.refundPayment(id, body);
    const { amount, reason, returnId } = need('refund', refunds[0]);
    same({ amount, reason, returnId }, body);
  },
  'never more than captured less refunded, however many ask at once': async (w) => {
    const { id, capturedAmount } = await w.charged();
    await Promise.allSettled(
      Array.from({ length: 5 }, () => w.staff.refundPayment(id, { amount: 1_000 }, { retryForMs: 0 })),
    );
    const { refundedAmount } = await w.staff.getPayment(id);
    same(refundedAmount <= capturedAmount, true);
    same((await book(w, id)).filter((row) => row.startsWith('refund')).length <= 1, true);
  },
  'what is done to a payment by whom is in its history, and what may be next in its transitions': async (
    w,
  ) => {
    const { id } = await w.charged();
    const { data } = await w.staff.paymentHistory(id);
    same(data.at(-1)?.to, 'captured');
    const open = (await w.staff.paymentTransitions(id)).data.filter((one) => one.allowed);
    same(
      open.map((one) => one.transition),
      ['refund'],
    );
  },
  'several payments of one order: a refund is given by the payment with the least left that has all of it, else by the fullest first':
    async (w) => {
      const { id: orderId, items } = await w.moved(['confirm', 'process', 'ship', 'deliver']);
      const ids: string[] = [];
      for (const amount of [500, 1_000, undefined])
        ids.push((await w.charged('tok_visa', { orderId, ...(amount ? { amount } : {}) })).id);
      const order = await w.orderUntil(orderId, (one) => one.paymentStatus === 'captured');
      const given = () => Promise.all(ids.map(async (id) => (await w.staff.getPayment(id)).refundedAmount));
      same((await w.refunded(order, 1)).refundAmount, 306);
      same(await given(), [0, 0, 306]);
      same((await w.refunded(order, 5)).refundAmount, 1_530);
      same([(await given()).reduce((sum, one) => sum + one, 0), items.length], [TOTAL, 1]);
    },
  'cash on delivery: a promise, captured when the parcel is delivered': async (w) => {
    const payment = { method: 'cash_on_delivery' } as const;
    const { id } = await w.staff.createOrder(w.body({ payment }));
    await w.orderUntil(id, (order) => order.status === 'confirmed');
    same((await w.paymentOf(id)).status, 'authorized');
    for (const transition of ['process', 'ship', 'deliver'] as const)
      await w.staff.transitionOrder(id, { transition });
    await w.orderUntil(id, (order) => order.paymentStatus === 'captured');
    same(await w.ledger((await w.paymentOf(id)).id), []);
  },
  'manual: staff say that the money has come, and nobody else': async (w) => {
    const { id: orderId } = await w.jane.createOrder(w.body());
    const { id } = await w.staff.createPayment({ orderId, method: 'manual' });
    await refused(w.jane.processPayment(id), 403, 'recorded_by_staff');
    same((await w.staff.processPayment(id)).status, 'captured');
    same((await w.staff.refundPayment(id)).status, 'refunded');
    same(await w.ledger(id), []);
  },
  'a chargeback is recorded from the provider, and blocks a double refund': async (w) => {
    const { id } = await w.charged();
    const chargeback = `chb_${crypto.randomUUID().slice(0, 8)}`;
    await atTheBank(w, '', { id: chargeback, reference: id, amount: 1_000, currency: 'GBP' });
    const taken = await w.paymentUntil(id, (one) => one.chargedBackAmount === 1_000);
    same([taken.chargebacks[0]?.status, taken.status], ['open', 'captured']);
    await refused(w.staff.refundPayment(id, { amount: 900 }), 422, 'payment_charged_back');
    await atTheBank(w, `/${chargeback}/close`, { outcome: 'won' });
    await w.paymentUntil(id, (one) => one.chargebacks[0]?.status === 'won');
    same((await w.staff.refundPayment(id, { amount: 900 })).refundedAmount, 900);
  },
  'a webhook of the provider counts only when it is signed': async (w) => {
    const { id } = await w.charged();
    const body = JSON.stringify({ type: 'chargeback.opened', data: { id: 'x', reference: id, amount: 1 } });
    const headers = {
      'webhook-id': crypto.randomUUID(),
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': `v1,${btoa('x'.repeat(32))}`,
    };
    const { status } = await fetch(`${w.url}/provider-webhooks`, { method: 'POST', body, headers });
    holds('refused', status === 401 || status === 400);
    same((await w.staff.getPayment(id)).chargebacks, []);
  },
});

export const tokens = section('Payments: the sandbox provider', {
  'tok_visa and tok_mastercard succeed': async (w) => {
    for (const token of ['tok_visa', 'tok_mastercard']) {
      const { id, status } = await w.charged(token);
      same([token, status, await book(w, id)], [token, 'captured', CHARGED]);
    }
  },
  'tok_chargeDeclined, tok_insufficientFunds and tok_expiredCard decline': async (w) => {
    for (const [token, code] of [
      ['tok_chargeDeclined', 'card_declined'],
      ['tok_insufficientFunds', 'insufficient_funds'],
      ['tok_expiredCard', 'expired_card'],
    ] as const) {
      const { id, status, failureCode } = await w.charged(token);
      same([token, status, failureCode], [token, 'failed', code]);
      same(await book(w, id), [`authorize declined ${TOTAL}`]);
    }
  },
  'tok_providerTimeout never answers the first time (the charge is made: the retry must not make a second)':
    async (w) => {
      const { id } = await w.charged('tok_providerTimeout');
      const { attempts } = await w.paymentUntil(id, (one) => one.status === 'captured');
      same(attempts[0]?.outcome, 'unknown');
      same(await book(w, id), CHARGED);
    },
  'tok_providerError fails twice and then succeeds': async (w) => {
    const { id } = await w.charged('tok_providerError');
    const { attempts } = await w.paymentUntil(id, (one) => one.status === 'captured');
    const outcomes = attempts.filter((one) => one.operation === 'authorize').map((one) => one.outcome);
    same([outcomes.length >= 3, outcomes.at(-1)], [true, 'succeeded']);
    same(await book(w, id), CHARGED);
  },
  'tok_refundFails charges and then refuses every refund': async (w) => {
    const { id } = await w.charged('tok_refundFails');
    for (let turn = 1; turn <= 2; turn += 1) {
      const { status, refunds } = await w.staff.refundPayment(id, { amount: turn });
      same([status, refunds.at(-1)?.status], ['captured', 'failed']);
    }
  },
  'tok_refundPending settles a refund a moment later by webhook': async (w) => {
    const { id } = await w.charged('tok_refundPending');
    const asked = await w.staff.refundPayment(id, { amount: 600 });
    const refund = need('refund', asked.refunds[0]).id;
    const done = await w.paymentUntil(id, (one) => one.refundedAmount === 600);
    same(done.refunds[0]?.status, 'succeeded');
    // A slow answer may come after the webhook; that the refund was pending stays among the attempts.
    const attempts = done.attempts.filter((one) => one.operation === 'refund');
    holds(
      'it was pending',
      attempts.some((one) => one.outcome === 'pending'),
    );
    const rows = await until(
      () =>
        w.books<{ type: string }>('select type from payments.provider_webhook where id = $1', [
          `${refund}:settled`,
        ]),
      (kept) => kept.length > 0,
    );
    same(rows, [{ type: 'operation.settled' }]);
  },
  'the provider keeps its own ledger: GET /ledger?key=&reference= → { data: [{ operation, key, reference, amount, currency, outcome, at }] }':
    async (w) => {
      const { id } = await w.charged();
      const rows = await w.ledger(id);
      fields(rows[0], 'operation key reference amount currency outcome at');
      same(rows[0]?.reference, id);
      const url = `${w.run['payment-sandbox'].url}/ledger?key=${encodeURIComponent(rows[0]?.key ?? '')}`;
      same(await (await fetch(url)).json(), { data: [rows[0]] });
    },
  'one row per effect; an automatic capture is two rows': async (w) => {
    const { id } = await w.charged();
    await w.staff.refundPayment(id, { amount: 5 });
    same(await book(w, id), [...CHARGED, 'refund succeeded 5']);
    const keys = (await w.ledger(id)).map((row) => row.key);
    same(new Set(keys).size, 3);
  },
});
