import { RUNTIME, type Runtime, type ServiceDefinition } from '@oms/chassis';
import { ChatChannel } from './adapters/chat.channel.js';
import { MailChannel } from './adapters/mail.channel.js';
import { WebhookClient } from './adapters/webhook-client.js';
import type { NotificationConfig } from './config.js';
import { MessageDelivery } from './features/deliver-messages.js';
import { WebhookDispatch } from './features/webhooks/dispatch-webhooks.js';
import { messageAggregate } from './persistence/message.aggregate.js';
import { MessageRow } from './persistence/entities.js';
import { migrations } from './persistence/migrations.js';
import { projectDeliveries } from './persistence/webhook.repository.js';
import { NotificationEvents } from './transport/notification.events.js';
import { NotificationRpc } from './transport/notification.rpc.js';
import { WebhookRpc } from './transport/webhook.rpc.js';

/** What of the settings the wiring needs. */
export type NotificationSettings = Pick<
  NotificationConfig,
  | 'smtpUrl'
  | 'offerMs'
  | 'mailFrom'
  | 'shopName'
  | 'returnAddress'
  | 'locale'
  | 'staffAddress'
  | 'staffChatUrl'
  | 'publicUrl'
  | 'firstRetryMs'
  | 'patienceMs'
  | 'webhookTimeoutMs'
  | 'webhookRetryPlan'
  | 'webhookDisableAfterMs'
  | 'webhookLogMs'
  | 'webhookLoopbackTargets'
>;

/** The only wiring of notification-service. */
export function notificationModule(settings: NotificationSettings): ServiceDefinition {
  let delivery: MessageDelivery | undefined;
  const makeDelivery = (runtime: Runtime) =>
    (delivery ??= new MessageDelivery(runtime, deliveryOf(settings)));
  let dispatch: WebhookDispatch | undefined;
  const makeDispatch = (runtime: Runtime) =>
    (dispatch ??= new WebhookDispatch(runtime, dispatchOf(settings)));
  return {
    name: 'notification-service',
    schema: 'notifications',
    entities: [MessageRow],
    migrations,
    aggregates: [messageAggregate],
    controllers: [NotificationRpc, NotificationEvents, WebhookRpc],
    providers: [
      { provide: MessageDelivery, inject: [RUNTIME], useFactory: makeDelivery },
      { provide: WebhookDispatch, inject: [RUNTIME], useFactory: makeDispatch },
    ],
    projection: { insert: projectDeliveries, inserted: () => dispatch?.kick() },
    start: async (runtime) => {
      const loops = [makeDelivery(runtime), makeDispatch(runtime)];
      for (const loop of loops) loop.kick();
      return { stop: async () => void (await Promise.all(loops.map((loop) => loop.stop()))) };
    },
  };
}

function dispatchOf(settings: NotificationSettings): ConstructorParameters<typeof WebhookDispatch>[1] {
  const { webhookTimeoutMs: timeoutMs, webhookLoopbackTargets: loopbackAllowed } = settings;
  return {
    client: new WebhookClient({ timeoutMs, loopbackAllowed }),
    loopbackAllowed,
    timeoutMs,
    retryPlan: settings.webhookRetryPlan,
    disableAfterMs: settings.webhookDisableAfterMs,
    logMs: settings.webhookLogMs,
  };
}

/** The channels that the settings name. Staff are told in their chat when they have one, and by mail otherwise. */
function deliveryOf(settings: NotificationSettings): ConstructorParameters<typeof MessageDelivery>[1] {
  const { smtpUrl, staffChatUrl, mailFrom, offerMs } = settings;
  return {
    channels: {
      ...(smtpUrl ? { email: new MailChannel({ url: smtpUrl, from: mailFrom, timeoutMs: offerMs }) } : {}),
      ...(staffChatUrl ? { chat: new ChatChannel(staffChatUrl) } : {}),
    },
    sender: {
      shop: { name: settings.shopName, returnAddress: settings.returnAddress },
      domain: /@([\w.-]+)/.exec(mailFrom)?.[1] ?? 'localhost',
      locale: settings.locale,
      staffAddress: settings.staffAddress,
      publicUrl: settings.publicUrl,
    },
    offerMs,
    firstRetryMs: settings.firstRetryMs,
    posting: { staffChannel: staffChatUrl ? 'chat' : 'email', patienceMs: settings.patienceMs },
  };
}
