import { RUNTIME, type Runtime, type ServiceDefinition } from '@oms/chassis';
import { ChatChannel } from './adapters/chat.channel.js';
import { MailChannel } from './adapters/mail.channel.js';
import type { NotificationConfig } from './config.js';
import { MessageDelivery } from './features/deliver-messages.js';
import { messageAggregate } from './persistence/message.aggregate.js';
import { MessageRow } from './persistence/entities.js';
import { migrations } from './persistence/migrations.js';
import { NotificationEvents } from './transport/notification.events.js';
import { NotificationRpc } from './transport/notification.rpc.js';

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
>;

/** The only wiring of notification-service. */
export function notificationModule(settings: NotificationSettings): ServiceDefinition {
  let delivery: MessageDelivery | undefined;
  const make = (runtime: Runtime) => (delivery ??= new MessageDelivery(runtime, deliveryOf(settings)));
  return {
    name: 'notification-service',
    schema: 'notifications',
    entities: [MessageRow],
    migrations,
    aggregates: [messageAggregate],
    controllers: [NotificationRpc, NotificationEvents],
    providers: [{ provide: MessageDelivery, inject: [RUNTIME], useFactory: make }],
    start: async (runtime) => {
      make(runtime).kick();
      return make(runtime);
    },
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
