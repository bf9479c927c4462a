import { at, currentTrace, inSpan, transit, type Ctx, type Runtime } from '@oms/chassis';
import type { Channel, ChannelResult, Offer } from '../adapters/channel.js';
import type { ChannelName, MessageInputs, MessageState } from '../domain/message.js';
import { pauseAfter } from '../domain/message-retry.js';
import { messageAggregate } from '../persistence/message.aggregate.js';
import { keyOf, loadMessage, takeDue, type DueMessage } from '../persistence/message.repository.js';
import { addressMessage, type Sender } from './address-message.js';
import type { Posting } from './record-message.js';
import { Slots } from './slots.js';

/** Messages under way at once; a mail server is one, and is not stormed. */
const AT_ONCE = 8;
/** A message belongs to whoever took it for so much longer than the offer itself may take: it is addressed and stored, too. */
const LEASE_MARGIN_MS = 15_000;

interface Options {
  sender: Sender;
  /** The channels that this service was given; a message for another is suppressed, and can be sent again later. */
  channels: Readonly<Partial<Record<ChannelName, Channel>>>;
  /** The longest that one offer may take. */
  offerMs: number;
  firstRetryMs: number;
  posting: Posting;
}

/**
 * Sends what was recorded, outside any transaction. What will be offered is on record before it is offered, and the result
 * right after: between the channel's yes and that commit nothing else happens, and only a death in just that moment makes
 * a second copy, under the same Message-ID, which mailboxes show once.
 */
export class MessageDelivery {
  private readonly slots: Slots<DueMessage>;
  readonly posting: Posting;
  private readonly runtime: Runtime;
  private readonly options: Options;

  constructor(runtime: Runtime, options: Options) {
    this.runtime = runtime;
    this.options = options;
    this.posting = options.posting;
    this.slots = new Slots({
      name: 'messages',
      most: AT_ONCE,
      claim: (free) => takeDue(runtime.uow.reader(), free, options.offerMs + LEASE_MARGIN_MS),
      perform: (due) => this.deliver(due),
      log: runtime.log,
    });
  }

  kick(): void {
    this.slots.kick();
  }

  async stop(): Promise<void> {
    await this.slots.stop();
    for (const channel of Object.values(this.options.channels)) channel.close();
  }

  private deliver(due: DueMessage): Promise<void> {
    const attributes = { 'oms.aggregate.id': due.id, 'oms.attempt': due.attempts };
    return inSpan(
      'deliver message',
      { from: () => undefined, correlationId: due.id, attributes },
      async () => {
        try {
          await this.addressAndOffer(due);
        } catch (error) {
          // The lease ends, and whoever asks first goes on from the row as it stands.
          this.runtime.log.error(
            { err: error, messageId: due.id },
            'messages: interrupted, tried again later',
          );
        }
      },
    );
  }

  private async addressAndOffer(due: DueMessage): Promise<void> {
    const message = await loadMessage(this.runtime.uow.reader(), due.id, false);
    if (!message) return;
    const channel = this.options.channels[message.channel];
    if (!channel) return this.move(due, 'suppress', { reason: 'channel_not_configured' });
    const addressed = await addressMessage(this.runtime, this.options.sender, message);
    if (addressed.outcome === 'suppress') return this.move(due, 'suppress', { reason: addressed.reason });
    if (addressed.outcome === 'away') return this.putOff(due, addressed.reason);
    const { html: _, unsubscribeUrl: __, ...outgoing } = addressed.offer;
    await this.move(due, 'dispatch', outgoing);
    await this.conclude(due, addressed.offer, await channel.offer(addressed.offer));
  }

  private async conclude(due: DueMessage, offer: Offer, result: ChannelResult): Promise<void> {
    if (result.outcome === 'taken') return this.move(due, 'accept', { providerRef: result.providerRef });
    if (result.outcome === 'away') return this.putOff(due, result.reason);
    await this.move(due, 'reject', { reason: result.reason }, async (ctx) => {
      if (!result.dead) return;
      await ctx.em.execute(
        `insert into notifications.suppressed_address (address, reason, created_at) values (?, ?, ?) on conflict (address) do nothing`,
        [keyOf(offer.recipient), result.reason, ctx.now],
      );
    });
  }

  private async putOff(due: DueMessage, reason: string): Promise<void> {
    const pauseMs = pauseAfter(due.attempts, this.options.firstRetryMs, Math.random());
    const nextAt = new Date(Date.now() + pauseMs);
    this.runtime.log.warn({ messageId: due.id, attempt: due.attempts, reason, nextAt }, 'messages: put off');
    await this.move(due, 'defer', { reason, nextAt });
  }

  private async move<On extends keyof MessageInputs & string>(
    due: DueMessage,
    on: On,
    input: Omit<MessageInputs[On], 'at' | 'actor' | 'fingerprint'>,
    also?: (ctx: Ctx) => Promise<void>,
  ): Promise<void> {
    await this.runtime.uow.run(async (em, after) => {
      const ctx = this.runtime.context(em, after, currentTrace()?.correlationId ?? due.id);
      const message = await messageAggregate.find(em, due.id);
      if (!message || isNotOurs(message, due)) return;
      const fingerprint = `${on}:${message.round}:${due.attempts}`;
      await transit(ctx, messageAggregate, message, on, { ...input, ...at(ctx, fingerprint) });
      await also?.(ctx);
    });
  }
}

/** Its lease ran out and another process has it, or staff sent it again meanwhile: what this one knows is of before. */
const isNotOurs = (message: MessageState, due: DueMessage): boolean => message.attempts !== due.attempts;
