import PostalMime, { type Email } from 'postal-mime';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One mail as it is listed. */
export interface Mail {
  id: string;
  /** `Message-ID` without its brackets. */
  messageId: string;
  from: string;
  to: string;
  subject: string;
  receivedAt: string;
  /** How often it was handed over; a mailbox shows it once whatever this is. */
  copies: number;
}

const MOST = 1_000;
const bare = (messageId: string | undefined): string => (messageId ?? '').replace(/^<|>$/g, '');

/** Mails on disk as they came, one file each, and what a list shows of them in memory; the oldest go when there are many. */
export class MailStore {
  private readonly mails: Mail[] = [];
  private readonly folder: string;
  private next = 1;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  async load(): Promise<void> {
    const files = readdirSync(this.folder).filter((file) => file.endsWith('.eml'));
    for (const file of files.sort()) {
      const source = readFileSync(join(this.folder, file));
      this.next = Number.parseInt(file, 10) + 1;
      this.index(file.slice(0, -4), await PostalMime.parse(source));
    }
  }

  /** Takes a mail over: when this returns, it is on disk. */
  async add(to: string, source: Buffer): Promise<void> {
    const id = String(this.next++).padStart(8, '0');
    const received = `Delivered-To: ${to}\r\nX-Received-At: ${new Date().toISOString()}\r\n`;
    const whole = Buffer.concat([Buffer.from(received), source]);
    const mail = await PostalMime.parse(whole);
    writeFileSync(join(this.folder, `${id}.eml`), whole);
    this.index(id, mail);
  }

  /** Newest first; one for each Message-ID. */
  list(filter: { to?: string | null } = {}): Mail[] {
    return this.mails.filter((mail) => !filter.to || mail.to === filter.to).toReversed();
  }

  find(id: string): Mail | undefined {
    return this.mails.find((mail) => mail.id === id);
  }

  source(id: string): Buffer {
    return readFileSync(join(this.folder, `${id}.eml`));
  }

  async content(id: string): Promise<Pick<Email, 'html' | 'text' | 'headers'>> {
    return PostalMime.parse(this.source(id));
  }

  private index(id: string, mail: Email): void {
    const header = (name: string) => mail.headers.find((one) => one.key === name)?.value ?? '';
    const to = header('delivered-to');
    const messageId = bare(mail.messageId);
    const known = this.mails.find((one) => one.messageId === messageId && one.to === to);
    if (known) {
      known.copies += 1;
      return;
    }
    const from = mail.from?.address ?? '';
    const receivedAt = header('x-received-at');
    this.mails.push({ id, messageId, from, to, subject: mail.subject ?? '', receivedAt, copies: 1 });
    if (this.mails.length > MOST) {
      const oldest = this.mails.shift();
      if (oldest) rmSync(join(this.folder, `${oldest.id}.eml`), { force: true });
    }
  }
}
