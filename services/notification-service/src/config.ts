import { defineConfig, row, serviceRows } from '@oms/chassis';
import { z } from 'zod';

const none = z.literal(['', 'none']).transform(() => null);
const hours = z.coerce
  .number()
  .positive()
  .max(24 * 30);

/** Everything an operator may set for notification-service. */
export const config = defineConfig('notification-service', {
  ...serviceRows,
  smtpUrl: row<string | null>({
    env: 'SMTP_URL',
    parse: z.union([none, z.url({ protocol: /^smtps?$/ })]),
    default: 'none',
    describes: 'mail server, `smtp://user:password@host:587`; without one, mails are recorded and suppressed',
    secret: true,
  }),
  offerMs: row({
    env: 'SMTP_TIMEOUT_S',
    parse: z.coerce
      .number()
      .min(1)
      .max(900)
      .transform((seconds) => seconds * 1000),
    default: '60',
    describes:
      'seconds that the mail server may take for one mail; one that takes longer may have taken it over all the same, and gets it twice',
  }),
  mailFrom: row({
    env: 'MAIL_FROM',
    parse: z.string().regex(/@/, 'must be an address'),
    default: 'The Shop <orders@shop.example>',
    describes: 'sender of mails; its domain is also the one of their Message-IDs',
  }),
  shopName: row({
    env: 'SHOP_NAME',
    parse: z.string().min(1),
    default: 'The Shop',
    describes: 'what mails call the shop',
  }),
  returnAddress: row({
    env: 'RETURN_ADDRESS',
    parse: z.string().transform((text) =>
      text
        .split('|')
        .map((line) => line.trim())
        .filter(Boolean),
    ),
    default: '',
    describes: 'where customers send goods back to, its lines parted by `|`',
  }),
  locale: row({
    env: 'MAIL_LOCALE',
    parse: z.string().min(2),
    default: 'en',
    describes: 'language of staff, and of customers who asked for none (`en`, `de`, `fr`, or with a region)',
  }),
  staffAddress: row<string | null>({
    env: 'STAFF_ADDRESS',
    parse: z.union([none, z.email()]),
    default: 'none',
    describes: 'who gets the mails for staff, when there is no chat for them',
  }),
  staffChatUrl: row<string | null>({
    env: 'STAFF_CHAT_URL',
    parse: z.union([none, z.url({ protocol: /^https?$/ })]),
    default: 'none',
    describes: 'incoming webhook of the chat that gets the messages for staff',
    secret: true,
  }),
  publicUrl: row<string | null>({
    env: 'PUBLIC_URL',
    parse: z.union([none, z.url({ protocol: /^https?$/ })]),
    default: 'none',
    describes: 'where customers reach the gateway, for unsubscribe links; without it there are none',
  }),
  firstRetryMs: row({
    env: 'MESSAGE_RETRY_S',
    parse: z.coerce
      .number()
      .positive()
      .transform((seconds) => seconds * 1000),
    default: '30',
    describes: 'seconds until a message is tried again the first time; doubled each time, up to ten minutes',
  }),
  patienceMs: row({
    env: 'MESSAGE_PATIENCE_H',
    parse: hours.transform((value) => value * 3_600_000),
    default: '48',
    describes: 'hours after which a message that could not be sent is given up',
  }),
  webhookTimeoutMs: row({
    env: 'WEBHOOK_TIMEOUT_S',
    parse: z.coerce
      .number()
      .positive()
      .max(60)
      .transform((seconds) => seconds * 1000),
    default: '15',
    describes: 'seconds that an endpoint may take to answer',
  }),
  webhookRetryPlan: row({
    env: 'WEBHOOK_RETRIES_S',
    parse: z
      .string()
      .transform((text) => text.split(',').map((pause) => Number(pause) * 1000))
      .refine((pauses) => pauses.every((pause) => pause > 0), 'must be seconds, parted by commas'),
    default: '5,300,1800,7200,18000,36000,50400,72000,86400',
    describes: 'pauses between the tries of one delivery, in seconds; one try more than there are pauses',
  }),
  webhookDisableAfterMs: row({
    env: 'WEBHOOK_DISABLE_AFTER_H',
    parse: z.coerce
      .number()
      .positive()
      .transform((value) => value * 3_600_000),
    default: '120',
    describes: 'hours of failing after which an endpoint is disabled when another event is given up',
  }),
  webhookLogMs: row({
    env: 'WEBHOOK_LOG_DAYS',
    parse: z.coerce
      .number()
      .positive()
      .transform((days) => days * 86_400_000),
    default: '30',
    describes: 'days for which ended deliveries stay in the log',
  }),
  webhookLoopbackTargets: row({
    env: 'WEBHOOK_LOOPBACK_TARGETS',
    parse: z.enum(['refused', 'allowed']).transform((value) => value === 'allowed'),
    default: 'refused',
    describes: '`allowed` lets endpoints be http and on this machine (loopback); for development only',
  }),
});
export type NotificationConfig = ReturnType<typeof config.read>;
