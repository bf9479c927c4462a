import { newId, query, Refused, type Command, type Ctx } from '@oms/chassis';
import { ByWebhookId, CreateWebhook, listWebhooksQuery, RotateSecret, UpdateWebhook } from '@oms/contracts';
import { isIP } from 'node:net';
import { isTarget } from '../../adapters/public-address.js';
import { newSecret } from '../../adapters/webhook-signature.js';
import {
  endpointView,
  findEndpoint,
  isLive,
  type EndpointRow,
  type Secret,
} from '../../persistence/webhook.repository.js';

/** Two secrets sign at most: the new one, and the one that receivers change over from. */
const MOST_LIVE = 2;
const HOUR_MS = 3_600_000;

/**
 * What can be known of an address before it is resolved; whether its name leads into our own network is looked at for
 * every delivery, because that may change.
 */
export function checkTarget(url: string, loopbackAllowed: boolean): void {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const fault =
    target.username || target.password
      ? 'must not hold a user or a password'
      : target.protocol !== 'https:' && !loopbackAllowed
        ? 'must be https'
        : isIP(host) && !isTarget(host, loopbackAllowed)
          ? 'is not a public address'
          : undefined;
  if (fault)
    throw new Refused('webhook_target_refused', undefined, { errors: [{ path: 'url', message: fault }] });
}

async function need(ctx: Ctx, webhookId: string, ifMatch: string | null): Promise<EndpointRow> {
  const row = await findEndpoint(ctx.em, webhookId, 'for update');
  if (!row) throw new Refused('not_found');
  if (ifMatch !== null && ifMatch !== '*' && ifMatch !== String(row.version))
    throw new Refused('version_mismatch');
  return row;
}

async function save(ctx: Ctx, row: EndpointRow): Promise<EndpointRow> {
  const [saved] = await ctx.em.execute<EndpointRow[]>(
    `update notifications.webhook_endpoint
        set url = ?, events = array(select jsonb_array_elements_text(?::jsonb)), description = ?, metadata = ?::jsonb, status = ?, disabled_reason = ?,
            failing_since = ?, secrets = ?::jsonb, version = version + 1, updated_at = ?
      where id = ? returning *`,
    [
      row.url,
      JSON.stringify(row.events),
      row.description,
      JSON.stringify(row.metadata),
      row.status,
      row.disabled_reason,
      row.failing_since,
      JSON.stringify(row.secrets),
      ctx.now,
      row.id,
    ],
  );
  if (!saved) throw new Error('an update returned no row');
  return saved;
}

const command = (
  name: string,
  schema: Command['schema'],
  run: (ctx: Ctx, body: never, request: { ifMatch: string | null }) => ReturnType<Command['run']>,
): Command => ({ kind: 'command', name, access: 'admin', schema, run });

/** The calls on endpoints; `loopbackAllowed` and `kick` are the wiring's. */
export function endpointCommands(options: { loopbackAllowed: boolean; kick(): void }) {
  const create: Command = {
    ...command('webhook.create', CreateWebhook, async (ctx, body: CreateWebhook) => {
      checkTarget(body.url, options.loopbackAllowed);
      const secret = newSecret();
      const secrets: Secret[] = [{ secret, createdAt: ctx.now.toISOString(), expiresAt: null }];
      const [row] = await ctx.em.execute<EndpointRow[]>(
        `insert into notifications.webhook_endpoint (id, url, events, description, metadata, secrets, created_by, created_at, updated_at)
         values (?, ?, array(select jsonb_array_elements_text(?::jsonb)), ?, ?::jsonb, ?::jsonb, ?, ?, ?) returning *`,
        [
          newId('whk'),
          body.url,
          JSON.stringify(body.events),
          body.description ?? null,
          JSON.stringify(body.metadata),
          JSON.stringify(secrets),
          ctx.actor.id,
          ctx.now,
          ctx.now,
        ],
      );
      if (!row) throw new Error('an insert returned no row');
      return { body: { ...endpointView(row), secret }, version: row.version };
    }),
    answersSecret: true,
  };

  const update = command(
    'webhook.update',
    UpdateWebhook,
    async (ctx, { webhookId, ...changes }: UpdateWebhook, { ifMatch }) => {
      const row = await need(ctx, webhookId, ifMatch);
      if (changes.url !== undefined) checkTarget(changes.url, options.loopbackAllowed);
      if (changes.status !== undefined && changes.status !== row.status) {
        row.disabled_reason = changes.status === 'disabled' ? 'by_request' : null;
        row.failing_since = null;
      }
      for (const [name, value] of Object.entries(changes))
        if (value !== undefined) Object.assign(row, { [name]: value });
      const saved = await save(ctx, row);
      ctx.after(() => options.kick());
      return { body: endpointView(saved), version: saved.version };
    },
  );

  const rotate: Command = {
    ...command(
      'webhook.rotate_secret',
      RotateSecret,
      async (ctx, { webhookId, overlapHours }: RotateSecret, { ifMatch }) => {
        const row = await need(ctx, webhookId, ifMatch);
        const secret = newSecret();
        const until = new Date(ctx.now.getTime() + overlapHours * HOUR_MS);
        const before = row.secrets
          .map((one) => ({
            ...one,
            expiresAt:
              one.expiresAt !== null && new Date(one.expiresAt) < until ? one.expiresAt : until.toISOString(),
          }))
          .filter((one) => isLive(one, ctx.now));
        row.secrets = [{ secret, createdAt: ctx.now.toISOString(), expiresAt: null }, ...before].slice(
          0,
          MOST_LIVE,
        );
        const saved = await save(ctx, row);
        return { body: { ...endpointView(saved), secret }, version: saved.version };
      },
    ),
    answersSecret: true,
  };

  const remove = command(
    'webhook.delete',
    ByWebhookId,
    async (ctx, { webhookId }: ByWebhookId, { ifMatch }) => {
      const row = await need(ctx, webhookId, ifMatch);
      await ctx.em.execute(`delete from notifications.webhook_endpoint where id = ?`, [webhookId]);
      return { body: endpointView(row) };
    },
  );
  return { create, update, rotate, remove };
}

export const getWebhook = query({
  name: 'webhook.get',
  access: 'admin',
  schema: ByWebhookId,
  run: async (em, { webhookId }) => {
    const row = await findEndpoint(em, webhookId);
    if (!row) throw new Refused('not_found');
    return { body: endpointView(row), version: row.version };
  },
});

export const listWebhooks = query({
  name: 'webhook.list',
  access: 'admin',
  schema: listWebhooksQuery,
  run: async (em, { limit, cursor }, _, { cursors }) => {
    const after = cursor ? cursors.decode(cursor, 'webhooks') : null;
    const rows = await em.execute<EndpointRow[]>(
      `select * from notifications.webhook_endpoint ${after ? 'where id < ?' : ''} order by id desc limit ?`,
      [...(after ? [after.id] : []), limit + 1],
    );
    const page = rows.slice(0, limit).map((row) => endpointView(row));
    const last = page.at(-1);
    return {
      body: {
        data: page,
        nextCursor:
          rows.length > limit && last
            ? cursors.encode({ key: last.createdAt, id: last.id }, 'webhooks')
            : null,
      },
    };
  },
});
