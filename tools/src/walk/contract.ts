import { also } from './sections/also.ts';
import { everyCall, nothingLeftOver } from './sections/calls.ts';
import { conventions } from './sections/conventions.ts';
import { door } from './sections/door.ts';
import { edges, paymentTable, repetition, rules, shapes } from './sections/edges.ts';
import { callers, errors, lists } from './sections/errors.ts';
import { orders } from './sections/orders.ts';
import { payments, tokens } from './sections/payments.ts';
import { placing } from './sections/placing.ts';
import { returns } from './sections/returns.ts';
import { orderMoney, orderTable, returnTable } from './sections/shapes.ts';
import type { Sentence } from './sentence.ts';

/** Every sentence of the public contract, in its order; then what holds for every call and at the door. */
export const contract: readonly Sentence[] = [
  ...conventions,
  ...errors,
  ...lists,
  ...callers,
  ...orders,
  ...placing,
  ...returns,
  ...payments,
  ...tokens,
  ...also,
  ...orderMoney,
  ...orderTable,
  ...returnTable,
  ...paymentTable,
  ...repetition,
  ...shapes,
  ...rules,
  ...edges,
  ...door,
  ...everyCall,
  ...nothingLeftOver,
];
