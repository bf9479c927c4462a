import { z } from 'zod';

/** Who asked: a person, a program, or the system itself (a saga, a timer, another service of ours). */
export const Actor = z.object({
  type: z.enum(['customer', 'staff', 'admin', 'service', 'system']),
  id: z.string().max(128),
});
export type Actor = z.infer<typeof Actor>;

/** The roles of callers (API.md): `customer` its own things, `staff` all of them, `admin` also what operators do, `service` what its scopes say. */
export const roles = ['customer', 'staff', 'admin', 'service'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

/**
 * The least a caller has to be. A `service` passes where staff do, when it has the scope. `internal` is for our own
 * services only: no call from outside ever gets there.
 */
export type Access = 'customer' | 'staff' | 'admin' | 'internal';

/** `orders:read`, `returns:write` …: what a scoped caller may do with the resources under a path. */
export const scopes = [
  'orders:read',
  'orders:write',
  'returns:read',
  'returns:write',
  'payments:read',
  'payments:write',
  'notifications:read',
  'notifications:write',
  'webhooks:read',
  'webhooks:write',
  'api-keys:read',
  'api-keys:write',
  'sagas:read',
  'sagas:write',
  'dead-letters:read',
  'dead-letters:write',
] as const;
export const Scope = z.enum(scopes);
export type Scope = z.infer<typeof Scope>;

/** A caller that was made sure of: who, and what it is restricted to; null is not restricted beyond its role. */
export interface Caller extends Actor {
  scopes: readonly string[] | null;
}
