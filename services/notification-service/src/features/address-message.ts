import { errors, isErrorCode, type OrderView, type ReturnView } from '@oms/contracts';
import { header, type Runtime } from '@oms/chassis';
import { announcementOf, isAnnounced } from '../domain/announcements.js';
import { compose, type Shop } from '../domain/compose.js';
import { localeOf } from '../domain/format.js';
import { toHtml } from '../domain/layout.html.js';
import { toText } from '../domain/layout.text.js';
import type { MessageState } from '../domain/message.js';
import type { Offer } from '../adapters/channel.js';
import { refusals } from '../persistence/message.repository.js';

const ASK_MS = 5_000;
/** An order is taken for imported when it was placed so long before we heard of it. */
const IMPORTED_MS = 86_400_000;

/** What the shop says of itself, and whom it tells what goes wrong. */
export interface Sender {
  shop: Shop;
  /** Domain of Message-IDs. */
  domain: string;
  locale: string;
  staffAddress: string | null;
  publicUrl: string | null;
}

/** What is to become of a message now: offered, never sent, or looked at again later. */
export type Addressed =
  | { outcome: 'ready'; offer: Offer }
  | { outcome: 'suppress'; reason: string }
  | { outcome: 'away'; reason: string };

/**
 * Finds out who a message goes to and what it says, at the moment it is sent: addresses are no part of events, order-service
 * keeps them and is asked (ADR 13). An answer that is missing for now is waited for.
 */
export async function addressMessage(
  runtime: Runtime,
  sender: Sender,
  message: MessageState,
): Promise<Addressed> {
  const { template } = message;
  if (!isAnnounced(template)) return { outcome: 'suppress', reason: 'not_announced' };
  const announcement = announcementOf(template);
  const [order, ret] = await Promise.all([
    ask<OrderView>(runtime, 'rpc.order.get', { orderId: message.orderId }),
    message.returnId && template.startsWith('return.')
      ? ask<ReturnView>(runtime, 'rpc.return.get', { returnId: message.returnId })
      : null,
  ]);
  if (typeof order === 'string') return lost(order);
  if (typeof ret === 'string') return lost(ret);

  const forStaff = announcement.to === 'staff';
  const recipient = forStaff ? (message.channel === 'chat' ? 'staff' : sender.staffAddress) : order.email;
  if (recipient === null) return { outcome: 'suppress', reason: 'no_address' };
  if (!forStaff && !template.startsWith('return.') && isImported(order))
    return { outcome: 'suppress', reason: 'order_was_imported' };
  const refused = await refusals(runtime.uow.reader(), recipient, order.customerId);
  if (refused.suppressed) return { outcome: 'suppress', reason: 'address_suppressed' };
  if (announcement.optional && refused.optedOut) return { outcome: 'suppress', reason: 'unsubscribed' };

  const locale = localeOf(forStaff ? null : order.locale, sender.locale);
  const unsubscribeUrl =
    announcement.optional && sender.publicUrl
      ? `${sender.publicUrl.replace(/\/$/, '')}/unsubscribe/${message.unsubscribeToken}`
      : null;
  const facts = { order, ret, shop: sender.shop, locale, unsubscribeUrl };
  const letter = compose(template, message.event as never, facts);
  return {
    outcome: 'ready',
    offer: {
      recipient,
      locale: locale.tag,
      subject: letter.subject,
      body: toText(letter),
      html: toHtml(letter, sender.shop.name),
      messageId: `${message.id}.${message.round}@${sender.domain}`,
      unsubscribeUrl,
    },
  };
}

/** Its customer has heard of all this from the system that it came from. A return of it happens here, and is told. */
const isImported = (order: OrderView): boolean =>
  Date.parse(order.createdAt) - Date.parse(order.placedAt) > IMPORTED_MS;

/** What is not there will not be there later; anything else may be. */
const lost = (code: string): Addressed =>
  isErrorCode(code) && errors[code].kind === 'not_found'
    ? { outcome: 'suppress', reason: code }
    : { outcome: 'away', reason: code };

/** The view, or the code of why there is none. */
async function ask<View extends object>(
  runtime: Runtime,
  subject: string,
  question: object,
): Promise<View | string> {
  try {
    const reply = await runtime.ask(subject, question, ASK_MS);
    return reply.headers?.get(header.errorCode) || reply.json<View>();
  } catch {
    return 'service_unavailable';
  }
}
