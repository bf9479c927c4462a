import type { Mail } from './store.ts';

/** Markup that may stand in a page as it is. */
class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
type Content = Markup | string | number | readonly (Markup | string)[];

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const write = (content: Content): string =>
  content instanceof Markup
    ? content.text
    : typeof content === 'object'
      ? content.map(write).join('')
      : escape(String(content));

/** A template whose values are escaped unless they are markup themselves. */
const html = (parts: TemplateStringsArray, ...values: Content[]): Markup =>
  new Markup(parts.map((part, index) => part + write(values[index] ?? '')).join(''));

const STYLE = `
  :root { color-scheme: light dark; --ink: #23272b; --soft: #5b6269; --line: #e0dcd2; --page: #f3f1ec; --card: #fff; --go: #1f5c43 }
  @media (prefers-color-scheme: dark) { :root { --ink: #f2f0ea; --soft: #b8bec6; --line: #3a4149; --page: #17191c; --card: #22262b; --go: #8fd0b0 } }
  * { box-sizing: border-box }
  body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
  header, main { max-width: 1080px; margin: 0 auto; padding: 16px 20px }
  nav a { margin-right: 20px } a { color: var(--go) } h1 { font-size: 22px; margin: 0 0 16px }
  table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line) }
  th, td { text-align: left; padding: 10px 12px; border-bottom: 1px solid var(--line); vertical-align: top }
  th { font-size: 13px; color: var(--soft) } .soft { color: var(--soft) } td.when { white-space: nowrap }
  @media (max-width: 600px) { td.when { white-space: normal; min-width: 6em } th, td { padding: 8px } }
  iframe { display: block; width: 100%; height: 900px; border: 1px solid var(--line); background: #fff; resize: both }
  pre { margin: 0; background: var(--card); border: 1px solid var(--line); padding: 16px; overflow: auto; white-space: pre-wrap }
  .side { display: grid; gap: 20px } .side > * { min-width: 0 }
  @media (min-width: 900px) { .side { grid-template-columns: 2fr 1fr } }`;

const frame = (title: string, body: Markup): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <nav aria-label="Pages">
            <a href="/">Mails</a><a href="/chat">Staff chat</a><a href="/preview">Preview of every message</a>
          </nav>
        </header>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`.text;

/** What the local mail server took over, newest first. */
export const mailsPage = (mails: readonly Mail[]): string =>
  frame(
    'Mails',
    mails.length === 0
      ? html`<p>No mail yet. Place an order with an email, and look again.</p>`
      : html`<table>
          <thead>
            <tr>
              <th scope="col">Received</th>
              <th scope="col">To</th>
              <th scope="col">Subject</th>
            </tr>
          </thead>
          <tbody>
            ${mails.map(
              (mail) =>
                html`<tr>
                  <td class="when">${mail.receivedAt.slice(0, 19).replace('T', ' ')}</td>
                  <td>${mail.to}</td>
                  <td>
                    <a href="/mails/${mail.id}">${mail.subject}</a>
                    ${mail.copies > 1 ? html`<span class="soft">(handed over ${mail.copies} times)</span>` : ''}
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>`,
  );

/** One mail: its HTML part in a frame that runs nothing, its text part, its source. */
export const mailPage = (mail: Mail, text: string): string =>
  frame(
    mail.subject,
    html`<p class="soft">
        From ${mail.from} to ${mail.to}, ${mail.receivedAt} ·
        <a href="/mails/${mail.id}/source">source</a>
      </p>
      <div class="side">
        <iframe sandbox title="The mail's HTML part" src="/mails/${mail.id}/html"></iframe>
        <section aria-label="The mail's text part"><pre>${text}</pre></section>
      </div>`,
  );

/** What staff were told. */
export const chatPage = (messages: readonly { at: string; text: string }[]): string =>
  frame(
    'Staff chat',
    messages.length === 0
      ? html`<p>Nobody needed staff yet.</p>`
      : html`${messages.map(
          (one) =>
            html`<p class="soft">${one.at}</p>
              <pre>${one.text}</pre>`,
        )}`,
  );

/** Every message in every language, to look at. */
export const previewIndex = (names: readonly string[], locales: readonly string[]): string =>
  frame(
    'Preview of every message',
    html`<p>
        With example data. Add <code>?currency=JPY</code> to an address for another currency, and write any
        language tag in it, such as <code>de-CH</code>.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Message</th>
            ${locales.map((locale) => html`<th scope="col">${locale}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${names.map(
            (name) =>
              html`<tr>
                <th scope="row">${name}</th>
                ${locales.map(
                  (locale) =>
                    html`<td>
                      <a href="/preview/${name}/${locale}" aria-label="${name} in ${locale}">${locale}</a>
                    </td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>`,
  );

export const previewPage = (subject: string, address: string, text: string): string =>
  frame(
    subject,
    html`<div class="side">
      <iframe sandbox title="The HTML part" src="${address}"></iframe>
      <section aria-label="The text part"><pre>${text}</pre></section>
    </div>`,
  );

export const missingPage = (): string => frame('Not here', html`<p>There is nothing at this address.</p>`);
