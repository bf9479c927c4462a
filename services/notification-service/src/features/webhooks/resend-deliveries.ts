import { newId, Refused, type Answer, type Command, type Ctx } from '@oms/chassis';
import { decide, NEW } from '@oms/chassis/machine';
import { ByDelivery, ByWebhookId, ResendRange } from '@oms/contracts';
import { webhookDeliveryMachine } from '../../domain/webhook-delivery.machine.js';
import { findDelivery, findEndpoint } from '../../persistence/webhook.repository.js';
import type { WebhookDispatch } from './dispatch-webhooks.js';
import { deliveryView } from './read-deliveries.js';

/** So many events are put to work by one call; more are asked for again, from where it stopped. */
const MOST = 10_000;

async function shown(ctx: Ctx, webhookId: string, eventId: string): Promise<Answer> {
  const body = await deliveryView(ctx.em, webhookId, eventId);
  if (!body) throw new Refused('not_found');
  return { body };
}

/** What somebody sends on purpose; `dispatch` is woken once it is durable. */
export function resendCommands(dispatch: WebhookDispatch) {
  const kick = () => dispatch.kick();

  const resend: Command = {
    kind: 'command',
    name: 'webhook.resend_delivery',
    access: 'admin',
    schema: ByDelivery,
    async run(ctx, { webhookId, eventId }: ByDelivery) {
      const delivery = await findDelivery(ctx.em, webhookId, eventId, 'for update');
      if (!delivery) throw new Refused('not_found');
      const decision = decide(webhookDeliveryMachine, delivery.status, delivery, 'resend', {});
      if (decision.outcome !== 'moved') throw new Refused('transition_not_allowed');
      await ctx.em.execute(
        `update notifications.webhook_delivery set status = ?, attempts = 0, next_at = ?, error = null, finished_at = null
          where endpoint_id = ? and event_id = ?`,
        [decision.to, ctx.now, webhookId, eventId],
      );
      ctx.after(kick);
      return shown(ctx, webhookId, eventId);
    },
  };

  /** Waits for what became of it, as long as one try may take: whoever sets an endpoint up wants to see that. */
  const test: Command = {
    kind: 'command',
    name: 'webhook.test',
    access: 'admin',
    schema: ByWebhookId,
    async run(ctx, { webhookId }: ByWebhookId) {
      const endpoint = await findEndpoint(ctx.em, webhookId);
      if (!endpoint) throw new Refused('not_found');
      if (endpoint.status === 'disabled') throw new Refused('webhook_disabled');
      const eventId = newId('evt');
      const decision = decide(webhookDeliveryMachine, NEW, {}, 'match', {});
      if (decision.outcome !== 'moved') throw new Refused('transition_not_allowed');
      const headers = {
        'ce-specversion': '1.0',
        'ce-id': eventId,
        'ce-type': 'webhook.test.v1',
        'ce-source': `/oms/${ctx.service}`,
        'ce-subject': webhookId,
        'ce-time': ctx.now.toISOString(),
      };
      await ctx.em.execute(
        `insert into notifications.webhook_delivery (endpoint_id, event_id, type, status, test_headers, test_payload)
         values (?, ?, 'webhook.test', ?, ?::jsonb, ?::jsonb)`,
        [webhookId, eventId, decision.to, JSON.stringify(headers), JSON.stringify({ webhookId })],
      );
      ctx.after(kick);
      return shown(ctx, webhookId, eventId);
    },
    settle: (answer) => dispatch.settled(answer),
  };

  /** Events of a time: what failed, or everything that is still kept and asked for, whether it was sent before or not. */
  const resendRange: Command = {
    kind: 'command',
    name: 'webhook.resend_range',
    access: 'admin',
    schema: ResendRange,
    async run(ctx, { webhookId, after, before, events, only }: ResendRange) {
      const endpoint = await findEndpoint(ctx.em, webhookId);
      if (!endpoint) throw new Refused('not_found');
      const filters = JSON.stringify(events ?? endpoint.events);
      const until = before ?? ctx.now.toISOString();
      const wanted = `(select array_agg(f) from jsonb_array_elements_text(?::jsonb) f)`;
      const rows =
        only === 'failed'
          ? await ctx.em.execute<{ at: Date }[]>(
              `update notifications.webhook_delivery d set status = 'pending', attempts = 0, next_at = ?, error = null, finished_at = null
                where (endpoint_id, event_id) in (
                  select endpoint_id, event_id from notifications.webhook_delivery
                   where endpoint_id = ? and status = 'failed' and created_at >= ? and created_at < ?
                     and array[type, split_part(type, '.', 1) || '.*', '*'] && ${wanted}
                   order by created_at, event_id limit ${MOST} for update)
                returning created_at as at`,
              [ctx.now, webhookId, new Date(after), new Date(until), filters],
            )
          : await ctx.em.execute<{ at: Date }[]>(
              `with chosen as (
                 select event_id, type, received_at from notifications.inbox
                  where received_at >= ? and received_at < ? and state <> 'parked' and payload is not null
                    and array[type, aggregate_type || '.*', '*'] && ${wanted}
                  order by received_at, event_id limit ${MOST}),
               made as (
                 insert into notifications.webhook_delivery as d (endpoint_id, event_id, type, next_at)
                 select ?, event_id, type, ? from chosen
                 on conflict (endpoint_id, event_id) do update set status = 'pending', attempts = 0, next_at = excluded.next_at, error = null, finished_at = null)
               select received_at as at from chosen`,
              [new Date(after), new Date(until), filters, webhookId, ctx.now],
            );
      ctx.after(kick);
      const latest = rows.reduce((most, row) => Math.max(most, Number(new Date(row.at))), 0);
      const more = rows.length === MOST;
      return { body: { count: rows.length, more, until: more ? new Date(latest).toISOString() : null } };
    },
  };
  return { resend, test, resendRange };
}
