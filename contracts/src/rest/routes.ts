import { z } from 'zod';
import { HistoryView, TransitionsView } from '../history.js';
import { Id } from '../ids.js';
import { listNotificationsQuery, MessagePage } from '../notification/queries.js';
import * as order from '../order/commands.js';
import { listOrdersQuery } from '../order/queries.js';
import { OrderPage, OrderView } from '../order/views.js';
import * as payment from '../payment/commands.js';
import { PaymentPage, PaymentView } from '../payment/views.js';
import * as ret from '../return/commands.js';
import { ReturnPage, ReturnView } from '../return/views.js';

/** Who may make a call; a customer only on its own. */
export type Role = 'customer' | 'staff' | 'admin';

/** One call of the public API: everything the gateway, the OpenAPI document and a client need to know of it. */
export interface RestRow {
  name: string;
  method: 'GET' | 'POST' | 'PATCH';
  /** Below /api/v1; parameters in Express' notation. */
  path: string;
  /** The service's RPC subject; it gets path, query and body as one JSON object. */
  subject: string;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  response: z.ZodType;
  success: 200 | 201;
  /** Where the created thing is found; its parameter is the answer's id. */
  location?: string;
  /** The call creates something or moves money: a key is needed once that is switched on. */
  idempotencyKey?: true;
  roles: readonly Role[];
}

const both: readonly Role[] = ['customer', 'staff', 'admin'];
const staff: readonly Role[] = ['staff', 'admin'];
const orderId = z.strictObject({ orderId: Id.order });
const returnId = z.strictObject({ returnId: Id.return });
const paymentId = z.strictObject({ paymentId: Id.payment });

export const restRoutes: readonly RestRow[] = [
  { name: 'createOrder', method: 'POST', path: '/orders', subject: 'rpc.order.create', body: order.CreateOrder, response: OrderView, success: 201, location: '/orders/:orderId', idempotencyKey: true, roles: both },
  { name: 'listOrders', method: 'GET', path: '/orders', subject: 'rpc.order.list', query: listOrdersQuery, response: OrderPage, success: 200, roles: both },
  { name: 'getOrder', method: 'GET', path: '/orders/:orderId', subject: 'rpc.order.get', params: orderId, response: OrderView, success: 200, roles: both },
  { name: 'updateOrder', method: 'PATCH', path: '/orders/:orderId', subject: 'rpc.order.update', params: orderId, body: order.updateOrderBody, response: OrderView, success: 200, roles: both },
  { name: 'transitionOrder', method: 'POST', path: '/orders/:orderId/state', subject: 'rpc.order.transition', params: orderId, body: order.orderTransitionBody, response: OrderView, success: 200, roles: staff },
  { name: 'cancelOrder', method: 'POST', path: '/orders/:orderId/cancel', subject: 'rpc.order.cancel', params: orderId, body: order.cancelOrderBody, response: OrderView, success: 200, roles: both },
  { name: 'holdOrder', method: 'POST', path: '/orders/:orderId/hold', subject: 'rpc.order.hold', params: orderId, body: order.holdOrderBody, response: OrderView, success: 200, roles: staff },
  { name: 'releaseOrder', method: 'POST', path: '/orders/:orderId/release', subject: 'rpc.order.release', params: orderId, body: order.releaseOrderBody, response: OrderView, success: 200, roles: staff },
  { name: 'orderTransitions', method: 'GET', path: '/orders/:orderId/transitions', subject: 'rpc.order.transitions', params: orderId, response: TransitionsView, success: 200, roles: both },
  { name: 'orderHistory', method: 'GET', path: '/orders/:orderId/history', subject: 'rpc.order.history', params: orderId, response: HistoryView, success: 200, roles: both },
  { name: 'createShipment', method: 'POST', path: '/orders/:orderId/shipments', subject: 'rpc.order.create_shipment', params: orderId, body: order.createShipmentBody, response: OrderView, success: 201, location: '/orders/:orderId', roles: staff },
  { name: 'deliverShipment', method: 'POST', path: '/orders/:orderId/shipments/:shipmentId/deliver', subject: 'rpc.order.deliver_shipment', params: z.strictObject({ orderId: Id.order, shipmentId: Id.shipment }), body: order.deliverShipmentBody, response: OrderView, success: 200, roles: staff },

  { name: 'createReturn', method: 'POST', path: '/returns', subject: 'rpc.return.create', body: ret.CreateReturn, response: ReturnView, success: 201, location: '/returns/:returnId', idempotencyKey: true, roles: both },
  { name: 'listReturns', method: 'GET', path: '/returns', subject: 'rpc.return.list', query: ret.listReturnsQuery, response: ReturnPage, success: 200, roles: both },
  { name: 'getReturn', method: 'GET', path: '/returns/:returnId', subject: 'rpc.return.get', params: returnId, response: ReturnView, success: 200, roles: both },
  { name: 'updateReturn', method: 'PATCH', path: '/returns/:returnId', subject: 'rpc.return.update', params: returnId, body: ret.updateReturnBody, response: ReturnView, success: 200, roles: both },
  { name: 'transitionReturn', method: 'POST', path: '/returns/:returnId/state', subject: 'rpc.return.transition', params: returnId, body: ret.returnTransitionBody, response: ReturnView, success: 200, idempotencyKey: true, roles: staff },
  { name: 'approveReturn', method: 'POST', path: '/returns/:returnId/approve', subject: 'rpc.return.approve', params: returnId, body: ret.approveReturnBody, response: ReturnView, success: 200, roles: staff },
  { name: 'rejectReturn', method: 'POST', path: '/returns/:returnId/reject', subject: 'rpc.return.reject', params: returnId, body: ret.rejectReturnBody, response: ReturnView, success: 200, roles: staff },
  { name: 'cancelReturn', method: 'POST', path: '/returns/:returnId/cancel', subject: 'rpc.return.cancel', params: returnId, body: ret.cancelReturnBody, response: ReturnView, success: 200, roles: both },
  { name: 'returnTransitions', method: 'GET', path: '/returns/:returnId/transitions', subject: 'rpc.return.transitions', params: returnId, response: TransitionsView, success: 200, roles: both },
  { name: 'returnHistory', method: 'GET', path: '/returns/:returnId/history', subject: 'rpc.return.history', params: returnId, response: HistoryView, success: 200, roles: both },

  { name: 'createPayment', method: 'POST', path: '/payments', subject: 'rpc.payment.create', body: payment.CreatePayment, response: PaymentView, success: 201, location: '/payments/:paymentId', idempotencyKey: true, roles: both },
  { name: 'listPayments', method: 'GET', path: '/payments', subject: 'rpc.payment.list', query: payment.listPaymentsQuery, response: PaymentPage, success: 200, roles: both },
  { name: 'getPayment', method: 'GET', path: '/payments/:paymentId', subject: 'rpc.payment.get', params: paymentId, response: PaymentView, success: 200, roles: both },
  { name: 'updatePayment', method: 'PATCH', path: '/payments/:paymentId', subject: 'rpc.payment.update', params: paymentId, body: payment.updatePaymentBody, response: PaymentView, success: 200, roles: staff },
  { name: 'processPayment', method: 'POST', path: '/payments/:paymentId/process', subject: 'rpc.payment.process', params: paymentId, body: payment.processPaymentBody, response: PaymentView, success: 200, idempotencyKey: true, roles: both },
  { name: 'capturePayment', method: 'POST', path: '/payments/:paymentId/capture', subject: 'rpc.payment.capture', params: paymentId, body: payment.capturePaymentBody, response: PaymentView, success: 200, idempotencyKey: true, roles: staff },
  { name: 'voidPayment', method: 'POST', path: '/payments/:paymentId/void', subject: 'rpc.payment.void', params: paymentId, body: payment.voidPaymentBody, response: PaymentView, success: 200, roles: staff },
  { name: 'refundPayment', method: 'POST', path: '/payments/:paymentId/refund', subject: 'rpc.payment.refund', params: paymentId, body: payment.refundPaymentBody, response: PaymentView, success: 200, idempotencyKey: true, roles: staff },
  { name: 'paymentTransitions', method: 'GET', path: '/payments/:paymentId/transitions', subject: 'rpc.payment.transitions', params: paymentId, response: TransitionsView, success: 200, roles: both },
  { name: 'paymentHistory', method: 'GET', path: '/payments/:paymentId/history', subject: 'rpc.payment.history', params: paymentId, response: HistoryView, success: 200, roles: both },

  { name: 'listNotifications', method: 'GET', path: '/notifications', subject: 'rpc.notification.list', query: listNotificationsQuery, response: MessagePage, success: 200, roles: staff },
];
