import { newId, query, Refused, type Command } from '@oms/chassis';
import {
  ByApiKeyId,
  CreateApiKey,
  FindApiKey,
  listApiKeysQuery,
  type ApiKeyView,
  type Caller,
} from '@oms/contracts';
import { createHash, randomBytes } from 'node:crypto';

interface KeyRow {
  id: string;
  name: string;
  role: ApiKeyView['role'];
  scopes: ApiKeyView['scopes'];
  created_by: string;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
}

const iso = (time: Date | null): string | null => (time === null ? null : new Date(time).toISOString());
const viewOf = (row: KeyRow): ApiKeyView => ({
  id: row.id,
  name: row.name,
  role: row.role,
  scopes: row.scopes,
  createdBy: row.created_by,
  createdAt: iso(row.created_at) ?? '',
  expiresAt: iso(row.expires_at),
  revokedAt: iso(row.revoked_at),
});
const COLUMNS = 'id, name, role, scopes, created_by, created_at, expires_at, revoked_at';

/** 256 random bits need no slow hash: there is nothing to guess. */
export const createApiKey: Command = {
  kind: 'command',
  name: 'api-key.create',
  access: 'admin',
  answersSecret: true,
  schema: CreateApiKey,
  async run(ctx, body: CreateApiKey) {
    const key = `oms_${randomBytes(32).toString('base64url')}`;
    const [row] = await ctx.em.execute<KeyRow[]>(
      `insert into orders.api_key (id, name, hash, role, scopes, created_by, created_at, expires_at)
       values (?, ?, ?, ?, ?::jsonb, ?, ?, ?) returning ${COLUMNS}`,
      [
        newId('key'),
        body.name,
        createHash('sha256').update(key).digest('hex'),
        body.role,
        JSON.stringify(body.scopes),
        ctx.actor.id,
        ctx.now,
        body.expiresAt ? new Date(body.expiresAt) : null,
      ],
    );
    if (!row) throw new Error('an insert returned no row');
    return { body: { ...viewOf(row), key } };
  },
};

/** Revoked once; asked again, it stays as it is. */
export const revokeApiKey: Command = {
  kind: 'command',
  name: 'api-key.revoke',
  access: 'admin',
  schema: ByApiKeyId,
  async run(ctx, { apiKeyId }: ByApiKeyId) {
    const [row] = await ctx.em.execute<KeyRow[]>(
      `update orders.api_key set revoked_at = coalesce(revoked_at, ?::timestamptz) where id = ? returning ${COLUMNS}`,
      [ctx.now, apiKeyId],
    );
    if (!row) throw new Refused('not_found');
    return { body: viewOf(row) };
  },
};

export const listApiKeys = query({
  name: 'api-key.list',
  access: 'admin',
  schema: listApiKeysQuery,
  run: async (em) => {
    const rows = await em.execute<KeyRow[]>(
      `select ${COLUMNS} from orders.api_key order by id desc limit 1000`,
    );
    return { body: { data: rows.map(viewOf) } };
  },
});

/** Internal: who stands behind a key. */
export const findApiKey = query({
  name: 'api-key.find',
  access: 'admin',
  schema: FindApiKey,
  run: async (em, { hash }) => {
    const [row] = await em.execute<KeyRow[]>(
      `select ${COLUMNS} from orders.api_key
        where hash = ? and revoked_at is null and (expires_at is null or expires_at > now())`,
      [hash],
    );
    const caller: Caller | null = row
      ? { type: row.role, id: row.id, scopes: row.scopes.length > 0 ? row.scopes : null }
      : null;
    return { body: { caller } };
  },
});
