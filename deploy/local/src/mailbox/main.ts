import { announced, languages, preview } from '@oms/notification-service/preview';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { chatPage, mailPage, mailsPage, missingPage, previewIndex, previewPage } from './page.ts';
import { mailServer } from './smtp.ts';
import { MailStore } from './store.ts';

/**
 * A mailbox for development: a real SMTP server on loopback, the chat that staff are told in, and pages that show both,
 * with a preview of every message in every language.
 */
const store = new MailStore(process.env['MAILBOX_STORE'] ?? '.oms/mailbox');
const chat: { at: string; text: string }[] = [];
const MOST_CHAT = 200;
const MOST_BODY = 64 * 1024;

const CURRENCIES: Readonly<Record<string, string>> = { en: 'GBP', de: 'EUR', fr: 'EUR' };

async function bodyOf(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req) {
    text += String(chunk);
    if (text.length > MOST_BODY) throw new Error('too large');
  }
  return text;
}

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://mailbox');
  const [what = '', id = '', part = '', form = ''] = url.pathname.slice(1).split('/');
  const page = (text: string, status = 200) =>
    res.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text);
  const json = (body: unknown) =>
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const plain = (body: string | Buffer) =>
    res.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(body);

  if (what === 'livez') return void json({ status: 'ok' });
  if (what === 'chat' && req.method === 'POST') {
    const { text } = JSON.parse(await bodyOf(req)) as { text?: unknown };
    chat.unshift({ at: new Date().toISOString(), text: String(text) });
    chat.length = Math.min(chat.length, MOST_CHAT);
    return void plain('ok');
  }
  if (what === 'chat' && id === 'messages') return void json({ data: chat });
  if (what === 'chat') return void page(chatPage(chat));
  if (what === '') return void page(mailsPage(store.list()));
  if (what === 'preview' && id === '') return void page(previewIndex(announced, languages));
  const name = announced.find((one) => one === id);
  if (what === 'preview' && name) {
    const currency = url.searchParams.get('currency') ?? CURRENCIES[part.slice(0, 2)] ?? 'GBP';
    const shown = preview(name, part, currency);
    if (form === 'html') return void page(shown.html);
    return void page(previewPage(shown.subject, `${url.pathname}/html?currency=${currency}`, shown.text));
  }
  if (what === 'mails' && id === '')
    return void json({ data: store.list({ to: url.searchParams.get('to') }) });
  const mail = store.find(id);
  if (what === 'mails' && mail) {
    if (part === 'source') return void plain(store.source(id));
    const content = await store.content(id);
    if (part === 'html') return void page(content.html ?? '');
    if (part === 'json') return void json({ ...mail, ...content });
    return void page(mailPage(mail, content.text ?? ''));
  }
  page(missingPage(), 404);
}

await store.load();
const smtp = mailServer(store);
const server = createServer((req, res) => {
  answer(req, res).catch(() => res.writeHead(400).end());
});
const host = process.env['MAILBOX_HOST'] ?? '127.0.0.1';
smtp.listen(Number(process.env['SMTP_PORT'] ?? '0'), host);
server.listen(Number(process.env['MAILBOX_PORT'] ?? '0'), host);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    smtp.close(() => {});
    server.close();
    server.closeAllConnections();
    setTimeout(() => process.exit(0), 500).unref();
  });
}
