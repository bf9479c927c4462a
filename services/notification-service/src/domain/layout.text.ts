import type { Block, Letter } from './letter.js';

const RULE = '-'.repeat(40);

function text(block: Block): string {
  switch (block.kind) {
    case 'text':
      return block.text;
    case 'steps':
      return block.steps.map((step, index) => `${index + 1}. ${step}`).join('\n');
    case 'facts':
      return block.facts.map((fact) => `${fact.label}: ${fact.value}`).join('\n');
    case 'address':
      return [`${block.label}:`, ...block.lines.map((line) => `  ${line}`)].join('\n');
    case 'goods':
      return [
        ...block.lines.map(
          (line) => `${line.quantity} × ${line.name}${line.amount === '' ? '' : `  ${line.amount}`}`,
        ),
        ...(block.more ? [block.more] : []),
        ...(block.sums.length > 0 ? [RULE] : []),
        ...block.sums.map((sum) => `${sum.label}: ${sum.amount}`),
      ].join('\n');
    case 'button':
      return `${block.label}:\n${block.url}`;
  }
}

/** The text part, of the same blocks as the HTML part: neither says what the other does not. */
export function toText(letter: Letter): string {
  const parts = [
    ...letter.blocks.map(text).filter((part) => part !== ''),
    RULE,
    ...letter.footer,
    ...(letter.unsubscribe ? [`${letter.unsubscribe.label}: ${letter.unsubscribe.url}`] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}
