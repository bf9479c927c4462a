import { defineEntity, p } from '@mikro-orm/core';
import type { PaymentRefund, Pickup, RefundMethod, ReturnStatus } from '../domain/return.js';
import type { LineStatus } from '../domain/return-line.machine.js';
import type { ReturnPolicy } from '../domain/policy.js';
import type { RefundBreakdown, RefundInputs } from '../domain/refund-sums.js';

const ReturnSchema = defineEntity({
  name: 'Return',
  tableName: 'return',
  properties: {
    id: p.text().primary(),
    number: p.text(),
    orderId: p.text(),
    customerId: p.text().nullable(),
    currency: p.text(),
    externalRef: p.text().nullable(),
    status: p.text().$type<ReturnStatus>(),
    previousStatus: p.text().nullable(),
    version: p.integer(),
    eventSeq: p.integer(),
    lastTransition: p.json<{ on: string; fingerprint: string } | null>().nullable(),
    statusTimes: p.json<Record<string, string>>(),
    note: p.text().nullable(),
    metadata: p.json<Record<string, string>>(),
    refundMethod: p.text().$type<RefundMethod>(),
    override: p.json<{ reason: string } | null>().nullable(),
    policyVersion: p.text(),
    policy: p.json<ReturnPolicy | null>().nullable(),
    pickup: p.json<Pickup | null>().nullable(),
    carrier: p.text().nullable(),
    trackingNumber: p.text().nullable(),
    returnAddress: p.json<Record<string, unknown> | null>().nullable(),
    refundAmount: p.bigint('number').nullable(),
    refundBreakdown: p.json<RefundBreakdown | null>().nullable(),
    refundInputs: p.json<RefundInputs | null>().nullable(),
    adjustmentReason: p.text().nullable(),
    refundId: p.text().nullable(),
    paymentRefunds: p.json<PaymentRefund[]>(),
    refundIds: p.json<string[]>(),
    endReason: p.text().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});
export class Return extends ReturnSchema.class {}
ReturnSchema.setClass(Return);

const ReturnItemSchema = defineEntity({
  name: 'ReturnItem',
  tableName: 'return_item',
  properties: {
    id: p.text().primary(),
    returnId: p.text(),
    position: p.integer(),
    orderItemId: p.text(),
    sku: p.text(),
    status: p.text().$type<LineStatus>(),
    quantity: p.integer(),
    reason: p.text(),
    comment: p.text().nullable(),
    receivedQuantity: p.integer().nullable(),
    condition: p.text().nullable(),
    acceptedQuantity: p.integer().nullable(),
    disposition: p.text().nullable(),
    refundAmount: p.bigint('number').nullable(),
    held: p.integer(),
    returned: p.integer(),
  },
});
export class ReturnItem extends ReturnItemSchema.class {}
ReturnItemSchema.setClass(ReturnItem);

/** What this service knows of an order from its events; the row that everyone who claims units locks first. */
const OrderSnapshotSchema = defineEntity({
  name: 'OrderSnapshot',
  tableName: 'order_snapshot',
  properties: {
    id: p.text().primary(),
    number: p.text(),
    customerId: p.text().nullable(),
    currency: p.text(),
    total: p.bigint('number'),
    shippingPaid: p.bigint('number'),
    shippingRefunded: p.bigint('number'),
    refunded: p.bigint('number'),
    policyVersion: p.text().nullable(),
  },
});
export class OrderSnapshot extends OrderSnapshotSchema.class {}
OrderSnapshotSchema.setClass(OrderSnapshot);

/** `discount` is the line's own and its share of the order's, for the whole line. Quantities in units. */
const OrderLineSnapshotSchema = defineEntity({
  name: 'OrderLineSnapshot',
  tableName: 'order_line_snapshot',
  properties: {
    id: p.text().primary(),
    orderId: p.text(),
    position: p.integer(),
    sku: p.text(),
    quantity: p.integer(),
    unitPrice: p.bigint('number'),
    discount: p.bigint('number'),
    tax: p.bigint('number'),
    finalSale: p.boolean(),
    cancelled: p.integer(),
    delivered: p.integer(),
    held: p.integer(),
    returned: p.integer(),
    deliveredAt: p.datetime().nullable(),
  },
});
export class OrderLineSnapshot extends OrderLineSnapshotSchema.class {}
OrderLineSnapshotSchema.setClass(OrderLineSnapshot);

export const entities = [Return, ReturnItem, OrderSnapshot, OrderLineSnapshot];
