import { z } from 'zod';
import { Minor } from '../money.js';
import { line } from '../primitives.js';
import { Condition, ReturnReason } from './status.js';

/** Whole days, or parts of one: a test shop closes its windows in seconds. */
const Days = z.number().min(0).max(3650);
const Reasons = z.array(ReturnReason).max(8);

/** What is kept of the goods when they come back: the first rule that fits a line holds for it. */
export const FeeRule = z.strictObject({
  /** Reasons that it is for; left out, all. */
  reasons: Reasons.optional(),
  /** Conditions in which the goods arrived; left out, all. A quote takes them to be new. */
  conditions: z.array(Condition).max(5).optional(),
  /** Hundredths of a percent of what the line gives back, rounded down. */
  basisPoints: z.int().min(0).max(10_000).default(0),
  /** In minor units of the order's currency, for each unit that is accepted. */
  perUnit: Minor.default(0),
});

/** The rules that returns are judged and priced by. */
export const ReturnPolicyRules = z.strictObject({
  /** After the delivery of a line's last parcel. */
  windowDays: Days.default(30),
  windowDaysByReason: z.partialRecord(ReturnReason, Days).default({}),
  /** What was sold as final comes back for these reasons only. */
  finalSaleReasons: Reasons.default([]),
  restockingFees: z.array(FeeRule).max(50).default([]),
  /** The shipping that was paid is given back when every line comes back for one of these reasons. */
  shippingRefund: z
    .strictObject({
      reasons: Reasons.min(1),
      /** Only when nothing of the order is left with the customer. */
      wholeOrderOnly: z.boolean().default(true),
    })
    .nullable()
    .default(null),
  /** A return for these reasons, whose goods are worth at most `upTo` minor units, waits for nobody's approval. */
  autoApprove: z
    .strictObject({ reasons: Reasons.min(1), upTo: Minor.nullable().default(null) })
    .nullable()
    .default(null),
  /** How long an approved return waits for the goods before it expires. */
  shipBackDays: Days.default(30),
  /** How long goods that arrived may lie uninspected before a person is asked. */
  inspectionDays: Days.default(7),
});
export type ReturnPolicyRules = z.infer<typeof ReturnPolicyRules>;

/** POST /return-policies: in force for orders whose first parcel is delivered from now on. */
export const CreateReturnPolicy = z.strictObject({
  version: line(64, 1).regex(/^[A-Za-z0-9._-]+$/, 'letters, digits, dots, dashes and underscores'),
  note: line(500, 1).nullish(),
  rules: ReturnPolicyRules,
});
export type CreateReturnPolicy = z.infer<typeof CreateReturnPolicy>;

export const ReturnPolicyView = z.object({
  version: z.string(),
  note: z.string().nullable(),
  /** The one that is given to orders delivered now. */
  inForce: z.boolean(),
  createdAt: z.string(),
  createdBy: z.string(),
  rules: z.record(z.string(), z.unknown()),
});
export type ReturnPolicyView = z.infer<typeof ReturnPolicyView>;
/** Every version, the newest first; there are as many as there were decisions, so they are not paged. */
export const ReturnPolicyList = z.object({ data: z.array(ReturnPolicyView) });
export const listReturnPoliciesQuery = z.strictObject({});
