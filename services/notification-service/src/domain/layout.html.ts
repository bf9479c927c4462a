import type { Block, Letter } from './letter.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const esc = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

/** The number of an order or a return is read as one: its dash is no place to break a line. */
const prose = (content: string): string =>
  esc(content).replace(/\b[A-Z]{3}-\d+\b/g, '<span style="white-space:nowrap">$&</span>');

/**
 * Inline where clients drop a style sheet (Gmail on a non-Gmail account), a sheet where only a sheet can do it (dark mode,
 * narrow screens). Contrasts are at least 4.5:1 in both schemes (WCAG 2.2 AA).
 */
const SHEET = `
  body { margin: 0; padding: 0; background: #f3f1ec; }
  @media (max-width: 480px) {
    .page { padding: 12px 8px !important; }
    .card { padding: 24px 20px !important; }
    h1 { font-size: 23px !important; }
    .button a { display: block !important; text-align: center !important; }
  }
  @media (prefers-color-scheme: dark) {
    body, .page { background: #17191c !important; }
    .card { background: #22262b !important; border-color: #343a41 !important; }
    h1, .ink, .shop { color: #f2f0ea !important; }
    .soft { color: #b8bec6 !important; }
    .line { border-color: #3a4149 !important; }
    .panel { background: #2b3036 !important; }
    .button a { background: #8fd0b0 !important; color: #10231a !important; }
    .soft a { color: #b8bec6 !important; }
  }`;

const INK = 'color:#23272b';
const SOFT = 'color:#5b6269';
const LINE = 'border-bottom:1px solid #e4e0d7';
/** A word longer than the screen is wide is broken; else it would widen the whole letter, and each line be cut off. */
const BREAK = 'word-break:break-word';
const text = (content: string): string =>
  `<p class="ink" style="margin:0 0 16px;${INK};font-size:16px;line-height:1.55;${BREAK}">${content}</p>`;

function goods(block: Extract<Block, { kind: 'goods' }>): string {
  const priced = block.lines.some((line) => line.amount !== '');
  const cell = (content: string, style: string, tag = 'td', scope = '') =>
    `<${tag}${scope} class="ink line" style="padding:10px 0;${LINE};${INK};font-size:15px;line-height:1.45;vertical-align:top;${style}">${content}</${tag}>`;
  const head = (content: string, style: string) =>
    `<th scope="col" class="soft line" style="padding:0 0 8px;${LINE};${SOFT};font-size:13px;font-weight:600;${style}">${esc(content)}</th>`;
  const right = 'text-align:right;white-space:nowrap;padding-left:16px';
  const [item, quantity, amount] = block.head;
  const rows = block.lines.map(
    (line) =>
      `<tr>${cell(esc(line.name), `text-align:left;font-weight:400;${BREAK}`, 'th', ' scope="row"')}${cell(esc(line.quantity), right)}${priced ? cell(esc(line.amount), right) : ''}</tr>`,
  );
  const columns = priced ? 3 : 2;
  const more = block.more
    ? `<tr><td colspan="${columns}" class="soft line" style="padding:10px 0;${LINE};${SOFT};font-size:15px">${esc(block.more)}</td></tr>`
    : '';
  const sums = block.sums.map((sum) => {
    const style = sum.total
      ? `padding:12px 0 0;${INK};font-size:17px;font-weight:700`
      : `padding:8px 0 0;${SOFT};font-size:15px;font-weight:400`;
    const kind = sum.total ? 'ink' : 'soft';
    return `<tr><th scope="row" colspan="2" class="${kind}" style="${style};text-align:left">${esc(sum.label)}</th><td class="${kind}" style="${style};text-align:right;white-space:nowrap">${esc(sum.amount)}</td></tr>`;
  });
  return `<table width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;margin:8px 0 24px"><thead><tr>${head(item, 'text-align:left')}${head(quantity, right)}${priced ? head(amount, right) : ''}</tr></thead><tbody>${rows.join('')}${more}${sums.join('')}</tbody></table>`;
}

const panel = (content: string): string =>
  `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:8px 0 24px"><tr><td class="panel" style="background:#f6f4ef;border-radius:8px;padding:16px 18px">${content}</td></tr></table>`;
const labelled = (label: string, value: string): string =>
  `<p class="soft" style="margin:0 0 2px;${SOFT};font-size:13px;line-height:1.4">${esc(label)}</p><p class="ink" style="margin:0;${INK};font-size:15px;line-height:1.5;${BREAK}">${value}</p>`;

function html(block: Block): string {
  switch (block.kind) {
    case 'text':
      return text(prose(block.text));
    case 'steps':
      return `<ol class="ink" style="margin:0 0 24px;padding-left:22px;${INK};font-size:16px;line-height:1.55;${BREAK}">${block.steps.map((step) => `<li style="margin:0 0 8px;padding-left:4px">${prose(step)}</li>`).join('')}</ol>`;
    case 'facts':
      return panel(
        block.facts
          .map((fact) => labelled(fact.label, esc(fact.value)))
          .join('<div style="height:10px;line-height:10px">&nbsp;</div>'),
      );
    case 'address':
      return panel(labelled(block.label, block.lines.map(esc).join('<br>')));
    case 'goods':
      return block.lines.length > 0 ? goods(block) : '';
    case 'button':
      return `<p class="button" style="margin:0 0 24px"><a href="${esc(block.url)}" style="display:inline-block;background:#1f5c43;color:#ffffff;text-decoration:none;font-size:16px;font-weight:600;line-height:1.2;padding:14px 24px;border-radius:8px">${esc(block.label)}</a></p>`;
  }
}

/** The HTML part: one column, tables for layout marked as such, no image, no outside request. */
export function toHtml(letter: Letter, shopName: string): string {
  const lang = letter.locale.split('-')[0] ?? 'en';
  const unsubscribe = letter.unsubscribe
    ? `<p style="margin:8px 0 0"><a href="${esc(letter.unsubscribe.url)}" style="${SOFT};text-decoration:underline">${esc(letter.unsubscribe.label)}</a></p>`
    : '';
  return `<!doctype html>
<html lang="${lang}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${esc(letter.subject)}</title>
<style>${SHEET}
</style>
</head>
<body>
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${esc(letter.preview)}${'&#8199;&#847;'.repeat(60)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td class="page" align="center" style="background:#f3f1ec;padding:32px 16px;font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px">
<tr><td style="padding:0 4px 16px"><p class="shop" style="margin:0;color:#1f5c43;font-size:17px;font-weight:700;letter-spacing:.2px">${esc(shopName)}</p></td></tr>
<tr><td class="card" style="background:#ffffff;border:1px solid #e4e0d7;border-radius:12px;padding:36px 40px 20px">
<h1 style="margin:0 0 20px;${INK};font-size:27px;line-height:1.25;font-weight:700;letter-spacing:-.2px;${BREAK}">${esc(letter.heading)}</h1>
${letter.blocks.map(html).filter(Boolean).join('\n')}
</td></tr>
<tr><td class="soft" style="padding:20px 4px 0;${SOFT};font-size:13px;line-height:1.5">${letter.footer.map((line) => `<p style="margin:0">${prose(line)}</p>`).join('')}${unsubscribe}</td></tr>
</table>
</td></tr></table>
</body>
</html>
`;
}
