import type { Access, Actor, Caller } from '@oms/contracts';
import { Refused } from './refused.js';

const RANK: Readonly<Record<Actor['type'], number>> = {
  customer: 0,
  staff: 1,
  service: 1,
  admin: 2,
  system: 3,
};
const NEEDED: Readonly<Record<Access, number>> = { customer: 0, staff: 1, admin: 2, internal: 3 };

/** The scope that `order.create` (a command) needs is `orders:write`; `return.get` (a query), `returns:read`. */
export const scopeOf = (work: { name: string; kind: 'command' | 'query' }): string =>
  `${work.name.split('.')[0]}s:${work.kind === 'query' ? 'read' : 'write'}`;

/**
 * Whether a caller may ask for a piece of work at all; enforced in the service that owns the data, whatever the gateway
 * thought. Our own services may ask only for queries (DESIGN §1). Refuses `forbidden`, `insufficient_scope`.
 */
export function authorize(
  work: { name: string; kind: 'command' | 'query'; access: Access },
  caller: Caller,
): void {
  if (caller.type === 'system') {
    if (work.kind === 'query') return;
    throw new Refused('forbidden');
  }
  if (RANK[caller.type] < NEEDED[work.access]) throw new Refused('forbidden');
  const scope = scopeOf(work);
  const limited = caller.scopes !== null || caller.type === 'service';
  if (limited && !caller.scopes?.includes(scope))
    throw new Refused('insufficient_scope', undefined, { requiredScope: scope });
}

/** What is not a customer's own is not there for it. */
export function ownOnly(caller: Actor, owner: string | null): void {
  if (caller.type === 'customer' && caller.id !== owner) throw new Refused('not_found');
}
