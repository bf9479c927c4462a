import { z } from 'zod';
import { Scope } from '../actor.js';
import { Id } from '../ids.js';
import { Instant, line } from '../primitives.js';

const KeyRole = z.enum(['service', 'staff', 'admin']);

/** POST /api-keys. A service without scopes could do nothing, so it needs one at least. */
export const CreateApiKey = z
  .strictObject({
    name: line(100, 1),
    role: KeyRole.default('service'),
    scopes: z.array(Scope).max(20).default([]),
    expiresAt: Instant.nullish(),
  })
  .refine((key) => key.role !== 'service' || key.scopes.length > 0, {
    path: ['scopes'],
    message: 'a service key needs a scope',
  });
export type CreateApiKey = z.infer<typeof CreateApiKey>;

export const ByApiKeyId = z.strictObject({ apiKeyId: Id.apiKey });
export type ByApiKeyId = z.infer<typeof ByApiKeyId>;

/** A key as it is listed: never its secret. */
export const ApiKeyView = z.object({
  id: z.string(),
  name: z.string(),
  role: KeyRole,
  scopes: z.array(Scope),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
});
export type ApiKeyView = z.infer<typeof ApiKeyView>;

/** The answer to its creation, the only time that the key itself is shown. */
export const ApiKeyCreated = ApiKeyView.extend({ key: z.string() });
export const ApiKeyList = z.object({ data: z.array(ApiKeyView) });
export const listApiKeysQuery = z.strictObject({});

/** Internal: whose key has this SHA-256; null when nobody's, or it is revoked or expired. */
export const FindApiKey = z.strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/) });
export type FindApiKey = z.infer<typeof FindApiKey>;
