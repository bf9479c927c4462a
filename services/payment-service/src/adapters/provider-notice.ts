import { z } from 'zod';

const money = { reference: z.string(), amount: z.int().min(1), currency: z.string() };
const chargeback = { id: z.string().min(1).max(128), ...money, reason: z.string().max(200).nullish() };

/** What the sandbox tells by webhook. More fields are passed over; another type is no mistake, only nothing for us. */
const ProviderNotice = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('operation.settled'),
    data: z.object({
      ...money,
      key: z.string(),
      outcome: z.enum(['succeeded', 'declined', 'pending']),
      code: z.string().nullish(),
    }),
  }),
  z.object({ type: z.literal('chargeback.opened'), data: z.object(chargeback) }),
  z.object({
    type: z.literal('chargeback.closed'),
    data: z.object({ ...chargeback, outcome: z.enum(['won', 'lost']) }),
  }),
]);
export type ProviderNotice = z.infer<typeof ProviderNotice>;

/** Reads a webhook's raw body; null when it says nothing that we understand. */
export function readNotice(body: string): ProviderNotice | null {
  try {
    return ProviderNotice.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}
