import { defineEntity, p } from '@mikro-orm/core';
import type { CaptureMode, PaymentStatus } from '@oms/contracts';
import type { Chargeback, OperationKind, Refund } from '../domain/payment.js';

const PaymentSchema = defineEntity({
  name: 'PaymentRow',
  tableName: 'payment',
  properties: {
    id: p.text().primary(),
    status: p.text().$type<PaymentStatus>(),
    previousStatus: p.text().nullable(),
    version: p.integer(),
    eventSeq: p.integer(),
    lastTransition: p.json<{ on: string; fingerprint: string } | null>().nullable(),
    statusTimes: p.json<Record<string, string>>(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    orderId: p.text(),
    customerId: p.text().nullable(),
    method: p.text(),
    provider: p.text(),
    capture: p.text().$type<CaptureMode>(),
    currency: p.text(),
    amount: p.bigint('number'),
    authorizedAmount: p.bigint('number'),
    capturedAmount: p.bigint('number'),
    refundedAmount: p.bigint('number'),
    capturingAmount: p.bigint('number'),
    captures: p.integer(),
    lastCapture: p.boolean(),
    underWay: p.text().$type<OperationKind>().nullable(),
    abandoned: p.boolean(),
    failureCode: p.text().nullable(),
    token: p.text().nullable(),
    metadata: p.json<Record<string, string>>(),
    note: p.text().nullable(),
    refunds: p.json<Refund[]>(),
    chargebacks: p.json<Chargeback[]>(),
    lastAsked: p.json<{ on: string; fingerprint: string } | null>().nullable(),
    origin: p.text().nullable(),
  },
});
/** A payment's own row, its refunds and chargebacks in it: they are only ever read and changed under the payment's lock. */
export class PaymentRow extends PaymentSchema.class {}
PaymentSchema.setClass(PaymentRow);
