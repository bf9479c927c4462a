import {
  OmsClient,
  until,
  type CreateOrder,
  type CreateReturn,
  type Order,
  type Payment,
  type Return,
  type TransitionOrderBody,
} from '@oms/client';
import type { Role } from '@oms/contracts';
import pg from 'pg';
import { developmentToken } from '../development-token.ts';
import type { RunFile } from '../run-file.ts';
import { need } from './sentence.ts';

export interface Raw {
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, unknown>;
}

type Reason = CreateReturn['items'][number]['reason'];

/** A row of the sandbox provider's book. */
export interface Effect {
  operation: string;
  key: string;
  reference: string;
  amount: number;
  currency: string;
  outcome: string;
  at: string;
}

/** What the sentences are tried on: callers of each role, and the few steps that bring an order to where a sentence begins. */
export class World {
  readonly url: string;
  readonly run: RunFile;
  readonly staff: OmsClient;
  readonly admin: OmsClient;
  readonly jane: OmsClient;
  readonly mallory: OmsClient;
  /** `GET /api/v1/orders/ord_…` for every call that was made. */
  readonly made = new Set<string>();

  constructor(url: string, run: RunFile) {
    this.url = url;
    this.run = run;
    this.staff = this.client('staff');
    this.admin = this.client('admin');
    this.jane = this.client('customer', 'cus_walker_jane');
    this.mallory = this.client('customer', 'cus_walker_mallory');
  }

  /** The platform's fetch, which remembers what was called. */
  readonly fetch: typeof fetch = (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    this.made.add(`${init?.method ?? 'GET'} ${new URL(address).pathname}`);
    return fetch(input, init);
  };

  client(role: Role, subject = 'walker', scope?: string): OmsClient {
    return new OmsClient({
      url: this.url,
      token: () => this.token(role, subject, scope),
      fetch: this.fetch,
      retryForMs: 90_000,
    });
  }

  private readonly tokens = new Map<string, Promise<string>>();
  token(role: Role, subject = 'walker', scope?: string): Promise<string> {
    const name = JSON.stringify([role, subject, scope]);
    const known =
      this.tokens.get(name) ?? developmentToken({ role, subject, scope }, this.run['issuer']?.url);
    this.tokens.set(name, known);
    return known;
  }

  body(more: Partial<CreateOrder> = {}): CreateOrder {
    return {
      email: 'jane@example.com',
      currency: 'GBP',
      items: [{ sku: '85123A', name: 'White hanging heart', quantity: 6, unitPrice: 255, taxAmount: 306 }],
      shippingAddress: { name: 'Jane Roe', line1: '1 High Street', city: 'Leeds', country: 'GB' },
      ...more,
    };
  }

  /** One request as it is, without the client's care; as staff and with a key unless told. */
  async raw(
    method: string,
    path: string,
    init: { body?: unknown; headers?: Record<string, string>; by?: Role } = {},
  ): Promise<Raw> {
    const answer = await this.fetch(`${this.url}${path.startsWith('/api/') ? '' : '/api/v1'}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token(init.by ?? 'staff')}`,
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' || method === 'PATCH' ? { 'idempotency-key': crypto.randomUUID() } : {}),
        ...init.headers,
      },
      ...(init.body === undefined
        ? {}
        : { body: typeof init.body === 'string' ? init.body : JSON.stringify(init.body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body:
        text.startsWith('{') && !text.includes('}\n{') ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }

  /** What the books say, read as the operator may. */
  async books<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.run.postgres.url });
    await client.connect();
    try {
      return (await client.query(sql, values)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** The sandbox provider's own book of one payment. */
  async ledger(reference: string): Promise<Effect[]> {
    const answer = await fetch(`${this.run['payment-sandbox'].url}/ledger?reference=${reference}`);
    return ((await answer.json()) as { data: Effect[] }).data;
  }

  /** An order whose payment is wanted with it, once that is taken. */
  async paid(more: Partial<CreateOrder> = {}, as = this.staff): Promise<Order> {
    const { id } = await as.createOrder(
      this.body({ payment: { method: 'card', token: 'tok_visa' }, ...more }),
    );
    return this.orderUntil(id, (order) => order.paymentStatus === 'captured' && order.status === 'confirmed');
  }

  /** An order without payment, moved by staff. */
  async moved(
    transitions: readonly TransitionOrderBody['transition'][],
    more: Partial<CreateOrder> = {},
  ): Promise<Order> {
    const { id } = await this.staff.createOrder(this.body(more));
    for (const transition of transitions) await this.staff.transitionOrder(id, { transition });
    return this.staff.getOrder(id);
  }

  async delivered(more: Partial<CreateOrder> = {}, as = this.staff): Promise<Order> {
    const { id } = await this.paid(more, as);
    for (const transition of ['process', 'ship', 'deliver'] as const)
      await this.staff.transitionOrder(id, { transition });
    return this.staff.getOrder(id);
  }

  orderUntil = (id: string, done: (order: Order) => boolean): Promise<Order> =>
    until(() => this.staff.getOrder(id), done, 60_000);
  returnUntil = (id: string, done: (one: Return) => boolean): Promise<Return> =>
    until(() => this.staff.getReturn(id), done, 60_000);
  paymentUntil = (id: string, done: (one: Payment) => boolean): Promise<Payment> =>
    until(() => this.staff.getPayment(id), done, 60_000);

  /** The first payment of an order, once there is one. */
  async paymentOf(orderId: string): Promise<Payment> {
    const { data } = await until(
      () => this.staff.listPayments({ orderId }),
      (page) => page.data.length > 0,
      60_000,
    );
    return this.staff.getPayment(need('payment', data[0]).id);
  }

  /** A payment that is asked for by itself, and processed. */
  async charged(
    token = 'tok_visa',
    more: { capture?: 'automatic' | 'manual'; amount?: number; orderId?: string } = {},
  ): Promise<Payment> {
    const orderId = more.orderId ?? (await this.staff.createOrder(this.body())).id;
    const { id } = await this.staff.createPayment({ method: 'card', token, ...more, orderId });
    const asked = await this.staff.processPayment(id);
    if (asked.status !== 'pending') return asked;
    // A provider that takes long is not waited for; what becomes of it is read.
    const ended = more.capture === 'manual' ? ['authorized', 'failed'] : ['captured', 'failed'];
    return this.paymentUntil(id, (one) => ended.includes(one.status));
  }

  openReturn(
    order: Order,
    quantity: number,
    more: Partial<CreateReturn> & { reason?: Reason } = {},
    as = this.staff,
  ): Promise<Return> {
    const { reason = 'other', ...rest } = more;
    return as.createReturn({
      orderId: order.id,
      items: [{ orderItemId: need('item', order.items[0]).id, quantity, reason }],
      ...rest,
    });
  }

  /** A return whose goods are here. */
  async received(order: Order, quantity: number, more: Partial<CreateReturn> = {}): Promise<Return> {
    const { id } = await this.openReturn(order, quantity, more);
    for (const transition of ['approve', 'mark_in_transit'] as const)
      await this.staff.transitionReturn(id, { transition });
    return this.staff.transitionReturn(id, { transition: 'receive' });
  }

  async refunded(order: Order, quantity: number, more: Partial<CreateReturn> = {}): Promise<Return> {
    const { id } = await this.received(order, quantity, more);
    await this.staff.transitionReturn(id, { transition: 'process' });
    return this.returnUntil(id, (one) => one.status === 'refunded');
  }

  /** The saga that follows an order or a return. */
  async sagaOf(aggregateId: string, done: (state: string, step: string) => boolean) {
    const { data } = await until(
      () => this.staff.listSagas({ aggregateId }),
      (page) => page.data.some((saga) => done(saga.state, saga.step)),
      60_000,
    );
    return this.staff.getSaga(need('saga', data[0]).id);
  }
}
