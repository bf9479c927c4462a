import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { eventually, startCollector } from '@oms/chassis/testing';
import { STREAM } from '@oms/contracts';
import pg from 'pg';
import type { Stack } from '../../deploy/local/src/stack.ts';
import type { Shop } from './shop.ts';
import { openShop } from './stack.ts';
import { connectAs } from '../../deploy/nats/connect.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

let collector: Awaited<ReturnType<typeof startCollector>>;
let stack: Stack;
let shop: Shop;
let close: (() => Promise<void>) | undefined;
beforeAll(async () => {
  collector = await startCollector();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
  ({ stack, shop, close } = await openShop());
});
afterAll(async () => {
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  await close?.();
  collector?.stop();
});

it("one request's trace is found in every book: outbox, stream, the others' histories, the collector", async () => {
  const answer = await fetch(`${shop.url}/api/v1/orders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await shop.token()}`,
      'idempotency-key': 'traced',
      'content-type': 'application/json',
      traceparent: `00-${TRACE}-${CALLER}-01`,
    },
    body: JSON.stringify(shop.body({ payment: { method: 'card', token: 'tok_visa' } })),
  });
  expect(answer.status).toBe(201);
  const { id } = (await answer.json()) as { id: string };
  await shop.api.until<{ status: string }>(`/orders/${id}`, (order) => order.status === 'confirmed');

  const client = new pg.Client({ connectionString: stack.run.postgres.url });
  await client.connect();
  const { rows } = await client.query<{ event_id: string; traceparent: string; correlation: string }>(
    `select event_id, headers->>'traceparent' as traceparent, headers->>'ce-correlationid' as correlation
       from orders.outbox where aggregate_id = $1 union all
     select event_id, headers->>'traceparent', headers->>'ce-correlationid' from payments.outbox
      where aggregate_id in (select id from payments.payment where order_id = $1)`,
    [id],
  );
  const { rows: paid } = await client.query<{ trace_id: string; transition: string }>(
    `select trace_id, transition from payments.history
      where aggregate_id in (select id from payments.payment where order_id = $1)`,
    [id],
  );
  await client.end();
  expect(rows.length).toBeGreaterThanOrEqual(3);
  for (const row of rows) {
    expect(row.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(row.correlation).toBe(TRACE);
  }
  expect(paid.map((row) => row.transition)).toContain('authorized');
  expect(new Set(paid.map((row) => row.trace_id))).toEqual(new Set([TRACE]));

  const nc = await connectAs(stack.run.nats.admin);
  const consumer = await jetstream(nc).consumers.get(STREAM, { filter_subjects: [`oms.order.v1.${id}.>`] });
  const placed = await consumer.next();
  await nc.close();
  expect(placed?.headers?.get('traceparent')).toBe(
    rows.find((row) => row.event_id === placed?.headers?.get('ce-id'))?.traceparent,
  );

  const mine = () => collector.spans.filter((span) => span.traceId === TRACE);
  const wanted = [
    'gateway POST /api/v1/orders',
    'gateway rpc.order.create',
    'order-service rpc.order.create',
    'order-service publish order.placed',
    'payment-service handle order.placed',
    'payment-service perform authorize',
    'payment-service rpc.order.payment_token',
    'order-service rpc.order.payment_token',
    'payment-service provider authorize',
    'order-service handle payment.authorized',
  ];
  await eventually('the collector has them all', () => {
    const names = new Set(mine().map((span) => `${span.service} ${span.name}`));
    return wanted.every((name) => names.has(name));
  });
  const ids = new Set([CALLER, ...mine().map((span) => span.spanId)]);
  await eventually('every parent is there', () => {
    for (const span of mine()) ids.add(span.spanId);
    return mine().every((span) => ids.has(span.parentSpanId ?? 'none'));
  });
});
