import { randomUUID } from 'node:crypto';
import { ApiClient } from '../../tools/src/client.ts';
import { tokenOf } from '../../tools/src/development-token.ts';
import type { Witness } from './witness.ts';

interface View {
  id: string;
  status: string;
  items: { id: string }[];
}

/** Two lines, one payment or none: the order that every scenario starts from. */
export const orderBody = (withPayment: boolean): object => ({
  customerId: 'cus_bench',
  currency: 'GBP',
  items: [
    { sku: '85123A', name: 'White hanging heart', quantity: 6, unitPrice: 255, taxAmount: 306 },
    { sku: '71053', name: 'White metal lantern', quantity: 2, unitPrice: 339, taxAmount: 136 },
  ],
  shippingAmount: 495,
  shippingAddress: {
    name: 'Jane Roe',
    line1: '1 High Street',
    city: 'Leeds',
    postalCode: 'LS1 1AA',
    country: 'GB',
  },
  ...(withPayment ? { payment: { method: 'card', token: 'tok_visa', capture: 'automatic' } } : {}),
});

/** What one caller does in each scenario; each throws when the system answers anything but success. */
export class Scenarios {
  private readonly api: ApiClient;
  private readonly witness: Witness;

  constructor(url: string, witness: Witness) {
    this.witness = witness;
    this.api = new ApiClient(url, tokenOf({ role: 'staff', subject: 'bench' }), (reason) => {
      throw new Error(reason);
    });
  }

  createOrder = (): Promise<View> =>
    this.api.post<View>('/orders', orderBody(false), `bench-${randomUUID()}`);
  getOrder = async (id: string): Promise<void> => void (await this.api.get(`/orders/${id}`));
  listOrders = async (): Promise<void> => void (await this.api.get('/orders?limit=50'));

  /** Placed with a card until the saga has confirmed it: order, payment, provider and back, every event settled. */
  placedToConfirmed = async (): Promise<View> => {
    const { id } = await this.api.post<View>('/orders', orderBody(true), `bench-${randomUUID()}`);
    await this.witness.settled(id);
    return this.api.get<View>(`/orders/${id}`);
  };

  /** From a delivered order to `received`; answers the return's path. */
  returnUntilReceived = async (): Promise<string> => {
    const order = await this.placedToConfirmed();
    for (const transition of ['process', 'ship', 'deliver'])
      await this.api.post(`/orders/${order.id}/state`, { transition });
    const opened = await this.api.post<View>('/returns', {
      orderId: order.id,
      items: [{ orderItemId: order.items[0]?.id, quantity: 2, reason: 'other' }],
    });
    for (const transition of ['approve', 'mark_in_transit', 'receive'])
      await this.api.post(`/returns/${opened.id}/state`, { transition });
    return `/returns/${opened.id}`;
  };

  /** The last command of a return until its money is back. */
  processedToRefunded = async (path: string): Promise<void> => {
    await this.api.post(`${path}/state`, { transition: 'process' });
    await this.witness.settled(path.slice('/returns/'.length));
  };

  wholeReturnChain = async (): Promise<void> => this.processedToRefunded(await this.returnUntilReceived());
}
