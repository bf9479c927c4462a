import { randomUUID } from 'node:crypto';
import type { Role } from '@oms/contracts';
import { OmsClient, until, type WriteOptions } from '@oms/client';
import { tokenOf } from '../../tools/src/development-token.ts';

/** What the tests read of an order; the whole shape is in the contracts. */
export interface OrderView {
  id: string;
  number: string;
  status: string;
  total: number;
  paymentStatus: string;
  version: number;
  availableTransitions: string[];
  items: { id: string; sku: string; total: number; quantities: Record<string, number> }[];
  shipments: { id: string; status: string }[];
}
export interface ReturnView {
  id: string;
  status: string;
  refundAmount: number;
  refundStatus: string;
  items: { id: string }[];
}
export interface PaymentView {
  id: string;
  status: string;
  capturedAmount: number;
  refundedAmount: number;
  attempts: { operation: string; outcome: string }[];
}

/** The client by path instead of by name, for tests that walk paths or send what no type allows. */
export class Paths {
  private readonly oms: OmsClient;

  constructor(oms: OmsClient) {
    this.oms = oms;
  }

  private async send<T>(method: string, path: string, body?: object, idempotencyKey?: string): Promise<T> {
    const options: WriteOptions = idempotencyKey === undefined ? {} : { idempotencyKey };
    return (await this.oms.request<T>(method, path, { body }, options)).body;
  }

  get = <T>(path: string): Promise<T> => this.send<T>('GET', path);
  post = <T>(path: string, body: object, key?: string): Promise<T> => this.send<T>('POST', path, body, key);
  patch = <T>(path: string, body: object, key?: string): Promise<T> => this.send<T>('PATCH', path, body, key);
  until = <T>(path: string, done: (value: T) => boolean, withinMs?: number): Promise<T> =>
    until(() => this.get<T>(path), done, withinMs);
}

/** The steps that a shop makes, over REST, as its users do. */
export class Shop {
  readonly oms: OmsClient;
  readonly api: Paths;
  readonly url: string;
  readonly token: () => Promise<string>;

  /** Acts as staff unless told otherwise. */
  constructor(url: string, issuerUrl: string, who: { role: Role; subject?: string } = { role: 'staff' }) {
    this.url = url;
    this.token = tokenOf(who, issuerUrl);
    this.oms = new OmsClient({ url, token: this.token, retryForMs: 120_000 });
    this.api = new Paths(this.oms);
  }

  body(overrides: object = {}): Record<string, unknown> {
    return {
      email: 'jane@example.com',
      currency: 'GBP',
      items: [
        { sku: '85123A', name: 'White hanging heart', quantity: 6, unitPrice: 255, taxAmount: 306 },
        { sku: '71053', name: 'White metal lantern', quantity: 2, unitPrice: 339 },
      ],
      shippingAddress: {
        name: 'Jane Roe',
        line1: '1 High Street',
        city: 'Leeds',
        postalCode: 'LS1 1AA',
        country: 'GB',
      },
      ...overrides,
    };
  }

  place(overrides: object = {}): Promise<OrderView> {
    return this.api.post('/orders', this.body(overrides));
  }

  order(id: string): Promise<OrderView> {
    return this.api.get(`/orders/${id}`);
  }

  move(path: string, transition: string, fields: object = {}): Promise<{ status: string }> {
    return this.api.post(`${path}/state`, { transition, ...fields });
  }

  async paid(overrides: object = {}): Promise<OrderView> {
    const { id } = await this.place({
      payment: { method: 'card', token: 'tok_visa', capture: 'automatic' },
      ...overrides,
    });
    return this.api.until<OrderView>(
      `/orders/${id}`,
      (order) => order.status === 'confirmed' && order.paymentStatus === 'captured',
    );
  }

  async delivered(overrides: object = {}): Promise<OrderView> {
    const { id } = await this.paid(overrides);
    for (const transition of ['process', 'ship', 'deliver']) await this.move(`/orders/${id}`, transition);
    return this.order(id);
  }

  openReturn(order: OrderView, quantities: number[]): Promise<ReturnView> {
    const items = quantities.flatMap((quantity, index) =>
      quantity > 0 ? [{ orderItemId: order.items[index]?.id, quantity, reason: 'defective' }] : [],
    );
    return this.api.post('/returns', { orderId: order.id, items });
  }

  async refunded(returnId: string): Promise<ReturnView> {
    const path = `/returns/${returnId}`;
    for (const transition of ['approve', 'mark_in_transit', 'receive', 'process'])
      await this.move(path, transition);
    return this.api.until<ReturnView>(path, (view) => view.status === 'refunded');
  }

  async payments(orderId: string): Promise<PaymentView[]> {
    const { data } = await this.api.get<{ data: PaymentView[] }>(`/payments?orderId=${orderId}`);
    return data;
  }

  /** One raw call, for what must be refused. */
  async raw(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; type: string | null; problem: Record<string, unknown> }> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await this.token()}`,
        'idempotency-key': randomUUID(),
        ...headers,
      },
    });
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      problem: text ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }
}
