import { OmsClient, type CreateOrder, type Order } from '@oms/client';
import { tokenOf } from '../../tools/src/development-token.ts';
import type { Witness } from './witness.ts';

/** Two lines, one payment or none: the order that every scenario starts from. */
export const orderBody = (withPayment: boolean): CreateOrder => ({
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
  private readonly oms: OmsClient;
  private readonly witness: Witness;

  constructor(url: string, witness: Witness) {
    this.witness = witness;
    this.oms = new OmsClient({
      url,
      token: tokenOf({ role: 'staff', subject: 'bench' }),
      retryForMs: 0,
    });
  }

  createOrder = (): Promise<Order> => this.oms.createOrder(orderBody(false));
  getOrder = async (id: string): Promise<void> => void (await this.oms.getOrder(id));
  listOrders = async (): Promise<void> => void (await this.oms.listOrders({ limit: 50 }));

  /** Placed with a card until the saga has confirmed it: order, payment, provider and back, every event settled. */
  placedToConfirmed = async (): Promise<Order> => {
    const { id } = await this.oms.createOrder(orderBody(true));
    await this.witness.settled(id);
    return this.oms.getOrder(id);
  };

  /** From a delivered order to `received`; answers the return's id. */
  returnUntilReceived = async (): Promise<string> => {
    const order = await this.placedToConfirmed();
    for (const transition of ['process', 'ship', 'deliver'] as const)
      await this.oms.transitionOrder(order.id, { transition });
    const { id } = await this.oms.createReturn({
      orderId: order.id,
      items: [{ orderItemId: order.items[0]?.id ?? '', quantity: 2, reason: 'other' }],
    });
    for (const transition of ['approve', 'mark_in_transit', 'receive'] as const)
      await this.oms.transitionReturn(id, { transition });
    return id;
  };

  /** The last command of a return until its money is back. */
  processedToRefunded = async (id: string): Promise<void> => {
    await this.oms.transitionReturn(id, { transition: 'process' });
    await this.witness.settled(id);
  };

  wholeReturnChain = async (): Promise<void> => this.processedToRefunded(await this.returnUntilReceived());
}
