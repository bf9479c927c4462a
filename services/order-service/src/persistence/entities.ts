import { defineEntity, p } from '@mikro-orm/core';
import type { CaptureMode, OrderPaymentStatus, OrderStatus } from '@oms/contracts';
import type { KnownPayment, LineQuantity, OrderState, Shipment } from '../domain/order.js';

const OrderSchema = defineEntity({
  name: 'OrderRow',
  tableName: 'orders',
  properties: {
    id: p.text().primary(),
    number: p.text(),
    status: p.text().$type<OrderStatus>(),
    previousStatus: p.text().nullable(),
    version: p.integer(),
    eventSeq: p.integer(),
    lastTransition: p.json<{ on: string; fingerprint: string } | null>().nullable(),
    statusTimes: p.json<Record<string, string>>(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    customerId: p.text().nullable(),
    email: p.text().nullable(),
    locale: p.text().nullable(),
    channel: p.text(),
    externalRef: p.text().nullable(),
    currency: p.text(),
    subtotal: p.bigint('number'),
    discountAmount: p.bigint('number'),
    taxAmount: p.bigint('number'),
    shippingAmount: p.bigint('number'),
    shippingTaxAmount: p.bigint('number'),
    total: p.bigint('number'),
    paymentStatus: p.text().$type<OrderPaymentStatus>(),
    payments: p.json<Record<string, KnownPayment>>(),
    paymentWanted: p.json<{ method: string; capture: CaptureMode } | null>().nullable(),
    paymentToken: p.text().nullable(),
    hold: p.json<OrderState['hold']>().nullable(),
    cancelReason: p.text().nullable(),
    notes: p.text().nullable(),
    tags: p.json<string[]>(),
    metadata: p.json<Record<string, string>>(),
    shippingAddress: p.json<Record<string, unknown>>(),
    billingAddress: p.json<Record<string, unknown> | null>().nullable(),
    placedAt: p.datetime(),
    itemCount: p.integer(),
    shipments: p.json<Shipment[]>(),
    openReturns: p.json<Record<string, LineQuantity[]>>(),
  },
});
/** An order's own row; its lines are rows of `order_item`, read and written in sets. */
export class OrderRow extends OrderSchema.class {}
OrderSchema.setClass(OrderRow);
