import { equals, list, oneOf, where, type ListSpec } from '@oms/chassis';
import { listOrdersQuery, type ListOrders } from '@oms/contracts';
import { shownTo, summaryOf, type SummaryState } from '../domain/order.view.js';
import { searchFor } from '../domain/search.js';
import { OrderRow } from '../persistence/entities.js';

/** What a list shows; the payments, parcels and open returns of a row stay where they are. */
const COLUMNS = `id, number, status, previous_status, customer_id, email, locale, channel, external_ref, currency, subtotal,
  discount_amount, tax_amount, shipping_amount, shipping_tax_amount, total, payment_status, hold, item_count, tags, metadata,
  version, placed_at, created_at, updated_at, status_times`;

/** What the list of orders may be asked; each filter and order has its index (ADR 20). */
export const orderList: ListSpec<ListOrders> = {
  name: 'order.list',
  access: 'customer',
  schema: listOrdersQuery,
  ids: 'ord',
  from: 'orders.orders',
  columns: COLUMNS,
  sorts: { total: 'total' },
  own: (customerId) => where('customer_id = ?', customerId),
  filters: {
    status: oneOf('status'),
    customerId: equals('customer_id'),
    email: (email) => where('lower(email) = lower(?)', email),
    number: equals('number'),
    externalRef: equals('external_ref'),
    sku: (sku) => where('id in (select order_id from orders.order_item where sku = ?)', sku),
    q: (text) => {
      const words = searchFor(text);
      return words === null
        ? where('false')
        : where('id in (select order_id from orders.order_search where words @@ ?::tsquery)', words);
    },
  },
  show: (em, rows, caller) =>
    rows.map((row) => {
      const order = em.map(OrderRow, row);
      return shownTo(caller, summaryOf(order as unknown as SummaryState, order.itemCount));
    }),
};

/** One page in one statement. */
export const listOrders = list(orderList);

/** The same for the stream of all, which is for staff. */
export const exportOrders = list({ ...orderList, name: 'order.export', access: 'staff' });
