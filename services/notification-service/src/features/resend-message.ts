import { command } from '@oms/chassis';
import { ByMessageId } from '@oms/contracts';
import type { MessageDelivery } from './deliver-messages.js';
import type { MessageState } from '../domain/message.js';
import { viewOf } from '../domain/message.view.js';
import { messageAggregate } from '../persistence/message.aggregate.js';

/** Staff send it again, at once when that is durable. */
export const resendMessage = (delivery: MessageDelivery) =>
  command<ByMessageId, MessageState>({
    name: 'notification.resend',
    schema: ByMessageId,
    aggregate: messageAggregate,
    id: (body) => body.messageId,
    on: () => 'resend',
    input: (ctx) => ({ giveUpAt: new Date(ctx.now.getTime() + delivery.posting.patienceMs) }),
    also: async (ctx) => ctx.after(() => delivery.kick()),
    view: (_, message) => viewOf(message),
  });
