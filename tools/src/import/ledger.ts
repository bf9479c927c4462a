import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

/** One order of the shop's ledger; money in minor units. */
export interface LedgerOrder {
  type: 'order';
  ref: string;
  at: string;
  customerRef: string | null;
  country: string;
  currency: string;
  lines: { sku: string; name: string; quantity: number; unitPrice: number }[];
}

/** One credit note's part that belongs to one order; `line` is an index into that order's lines. */
export interface LedgerReturn {
  type: 'return';
  ref: string;
  at: string;
  orderRef: string;
  lines: { line: number; quantity: number }[];
  refund: number;
}

/** An order with its returns, oldest first: the unit of work that must keep its own order. */
export interface Story {
  order: LedgerOrder;
  returns: LedgerReturn[];
}

export const orderTotal = (order: LedgerOrder): number =>
  order.lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);

/** Reads ledgers (plain or .gz NDJSON) into stories. Throws a sentence that names file and line for a row it can't use. */
export async function readStories(files: readonly string[]): Promise<Story[]> {
  const stories = new Map<string, Story>();
  for (const file of files) {
    const raw = createReadStream(file);
    const lines = createInterface({
      input: file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw,
      crlfDelay: Infinity,
    });
    let number = 0;
    for await (const line of lines) {
      number += 1;
      if (line.trim() === '') continue;
      let row: LedgerOrder | LedgerReturn;
      try {
        row = JSON.parse(line) as LedgerOrder | LedgerReturn;
      } catch {
        throw new Error(`${file}:${number}: not JSON`);
      }
      if (row.type === 'order') {
        if (!stories.has(row.ref)) stories.set(row.ref, { order: row, returns: [] });
      } else {
        const story = stories.get(row.orderRef);
        if (!story)
          throw new Error(
            `${file}:${number}: return ${row.ref} is of order ${row.orderRef}, which is in none of the files before it`,
          );
        story.returns.push(row);
      }
    }
  }
  return [...stories.values()];
}
