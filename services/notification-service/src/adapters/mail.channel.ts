import type { Transporter } from 'nodemailer';
import type { Channel, ChannelResult, Offer } from './channel.js';

const CONNECT_MS = 10_000;
const MOST_CONNECTIONS = 4;

/** What nodemailer says of a failure, as far as it is used here. */
interface MailError extends Error {
  code?: string;
  responseCode?: number;
  response?: string;
  command?: string;
}

/**
 * Mail by SMTP. The library is loaded with the first message, so that a service that sends none does not carry it. The
 * connections are pooled: a day's mails do not greet the server each.
 */
export class MailChannel implements Channel {
  private transport: Promise<Transporter> | undefined;
  private readonly url: string;
  private readonly from: string;
  private readonly timeoutMs: number;

  constructor(options: { url: string; from: string; timeoutMs: number }) {
    this.url = options.url;
    this.from = options.from;
    this.timeoutMs = options.timeoutMs;
  }

  async offer(message: Offer): Promise<ChannelResult> {
    try {
      this.transport ??= this.open();
      const transport = await this.transport;
      const sent = await within(
        this.timeoutMs,
        transport.sendMail({
          from: this.from,
          to: message.recipient,
          subject: message.subject,
          text: message.body,
          html: message.html,
          messageId: `<${message.messageId}>`,
          headers: {
            'Auto-Submitted': 'auto-generated',
            'Content-Language': message.locale,
            ...(message.unsubscribeUrl
              ? {
                  'List-Unsubscribe': `<${message.unsubscribeUrl}>`,
                  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
                }
              : {}),
          },
        }),
      );
      return {
        outcome: 'taken',
        providerRef: (sent as { response?: string }).response?.slice(0, 200) ?? null,
      };
    } catch (error) {
      return resultOf(error as MailError);
    }
  }

  close(): void {
    void this.transport?.then((transport) => transport.close());
  }

  private async open(): Promise<Transporter> {
    const { createTransport } = await import('nodemailer');
    const target = new URL(this.url);
    const secure = target.protocol === 'smtps:';
    return createTransport({
      pool: true,
      host: target.hostname,
      port: Number(target.port || (secure ? 465 : 587)),
      secure,
      ...(target.username
        ? { auth: { user: decodeURIComponent(target.username), pass: decodeURIComponent(target.password) } }
        : {}),
      maxConnections: MOST_CONNECTIONS,
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: this.timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }
}

/**
 * Only what a server says of the recipient or of the message, with a 5xx (RFC 5321 §4.2.1), is for good. A 5xx to our
 * own greeting, login or sender is our setting's fault: it is mended, and the message goes out then.
 */
function resultOf(error: MailError): ChannelResult {
  const reason = `${error.code ?? error.name}: ${error.response ?? error.message}`.slice(0, 500);
  const permanent = (error.responseCode ?? 0) >= 500;
  const aboutRecipient = error.command === 'RCPT TO';
  if (permanent && (aboutRecipient || error.command === 'DATA' || error.code === 'EMESSAGE'))
    return { outcome: 'refused', reason, dead: aboutRecipient };
  return { outcome: 'away', reason };
}

/** The library has limits of its own for each step; this one is for all of them together. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
