import { OmsClient, until, type CreateOrder, type Order, type Return } from '@oms/client';
import type { Role } from '@oms/contracts';
import { developmentToken } from '../development-token.ts';

export interface Raw {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** What the sentences are tried on: callers of each role, and the few steps that bring an order to where a sentence begins. */
export class World {
  readonly url: string;
  readonly staff: OmsClient;
  readonly admin: OmsClient;
  readonly jane: OmsClient;
  readonly mallory: OmsClient;
  private readonly issuer: string | undefined;

  constructor(url: string, issuer: string | undefined) {
    this.url = url;
    this.issuer = issuer;
    const as = (role: Role, subject: string) =>
      new OmsClient({ url, token: () => this.token(role, subject) });
    this.staff = as('staff', 'walker');
    this.admin = as('admin', 'walker');
    this.jane = as('customer', 'cus_walker_jane');
    this.mallory = as('customer', 'cus_walker_mallory');
  }

  private readonly tokens = new Map<string, Promise<string>>();
  token(role: Role, subject = 'walker'): Promise<string> {
    const known = this.tokens.get(role + subject) ?? developmentToken({ role, subject }, this.issuer);
    this.tokens.set(role + subject, known);
    return known;
  }

  body(more: Partial<CreateOrder> = {}): CreateOrder {
    return {
      email: 'jane@example.com',
      currency: 'GBP',
      items: [
        {
          sku: '85123A',
          name: 'White hanging heart',
          quantity: 6,
          unitPrice: 255,
          taxAmount: 306,
        },
      ],
      shippingAddress: {
        name: 'Jane Roe',
        line1: '1 High Street',
        city: 'Leeds',
        country: 'GB',
      },
      ...more,
    };
  }

  /** One request as it is, without the client's care; as staff and with a key unless told. */
  async raw(
    method: string,
    path: string,
    init: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Raw> {
    const answer = await fetch(`${this.url}${path.startsWith('/api') ? '' : '/api/v1'}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token('staff')}`,
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' || method === 'PATCH' ? { 'idempotency-key': crypto.randomUUID() } : {}),
        ...init.headers,
      },
      ...(init.body === undefined
        ? {}
        : {
            body: typeof init.body === 'string' ? init.body : JSON.stringify(init.body),
          }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }

  async paid(more: Partial<CreateOrder> = {}): Promise<Order> {
    const { id } = await this.staff.createOrder(
      this.body({ payment: { method: 'card', token: 'tok_visa' }, ...more }),
    );
    return until(
      () => this.staff.getOrder(id),
      (order) => order.paymentStatus === 'captured' && order.status === 'confirmed',
    );
  }

  async delivered(more: Partial<CreateOrder> = {}): Promise<Order> {
    const { id } = await this.paid(more);
    for (const transition of ['process', 'ship', 'deliver'] as const)
      await this.staff.transitionOrder(id, { transition });
    return this.staff.getOrder(id);
  }

  openReturn(order: Order, quantity: number): Promise<Return> {
    return this.staff.createReturn({
      orderId: order.id,
      items: [{ orderItemId: order.items[0]?.id ?? '', quantity, reason: 'other' }],
    });
  }

  async refunded(order: Order, quantity: number): Promise<Return> {
    const { id } = await this.openReturn(order, quantity);
    for (const transition of ['approve', 'mark_in_transit', 'receive', 'process'] as const)
      await this.staff.transitionReturn(id, { transition });
    return until(
      () => this.staff.getReturn(id),
      (one) => one.status === 'refunded',
    );
  }
}
