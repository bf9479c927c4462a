import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const chassis = join(import.meta.dirname, '../../chassis/src');

/** Words of the business. `return` and `order` are also words of the language, so they are looked for as parts of names. */
const BUSINESS =
  /\b(payments?|refunds?|shipments?|orders?_|orderId|returnId|paymentId|OrderS|ReturnS|refundAmount|sku|customerId)\b/;

it('the chassis knows no word of the business', () => {
  const found: string[] = [];
  for (const file of readdirSync(chassis, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const lines = readFileSync(join(chassis, file), 'utf8').split('\n');
    lines.forEach((line, index) => {
      const code = line.replace(/\/\/.*|\/?\*.*/, '');
      if (BUSINESS.test(code)) found.push(`${file}:${index + 1}: ${line.trim()}`);
    });
  }
  expect(found).toEqual([]);
});
