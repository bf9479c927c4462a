import type { OrderState } from './order.js';

/** Longest word that is kept, and what all words of one order may take: a tsvector holds less than 1 MiB. */
const WORD_CHARACTERS = 64;
const MOST_BYTES = 512 * 1024;

/** Without case, accents and compatibility forms: `Café` is found as `cafe`. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();

const partsOf = (word: string): string[] => word.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** A text as the words by which it is found: as they are written, and their parts (`t-light` is `t-light`, `t` and `light`). */
const spoken = (text: string): string[] =>
  plain(text)
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((word) => [word, ...partsOf(word)]);

/**
 * The words by which an order is found: of its number, email, external reference, SKUs, and the names of its items and of
 * who gets it. SKUs come before names: of an order so large that not all of it fits, the end of its names is left out.
 */
export function wordsOf(
  order: Pick<OrderState, 'number' | 'email' | 'externalRef' | 'shippingAddress'> & {
    items: readonly { sku: string; name: string }[];
  },
): string[] {
  const texts = [
    order.number,
    order.email ?? '',
    order.externalRef ?? '',
    String(order.shippingAddress['name'] ?? ''),
    ...order.items.map((line) => line.sku),
    ...order.items.map((line) => line.name),
  ];
  const words = new Set<string>();
  let bytes = 0;
  for (const word of texts.flatMap(spoken)) {
    const kept = [...word].slice(0, WORD_CHARACTERS).join('');
    if (words.has(kept)) continue;
    bytes += Buffer.byteLength(kept) + 4;
    if (bytes > MOST_BYTES) break;
    words.add(kept);
  }
  return [...words];
}

const begins = (word: string): string =>
  `'${[...word].slice(0, WORD_CHARACTERS).join('').replaceAll(/['\\]/g, '$&$&')}':*`;

/**
 * A free text as a `tsquery`: an order is found when each of its words begins a word of the order, or each part of it does
 * (`jane@example` finds `jane@example.com`). null when there is no word in it.
 */
export function searchFor(q: string): string | null {
  const words = plain(q).split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  return words
    .map((word) => {
      const parts = partsOf(word);
      const apart = parts.length > 0 && parts[0] !== word ? ` | (${parts.map(begins).join(' & ')})` : '';
      return `(${begins(word)}${apart})`;
    })
    .join(' & ');
}
