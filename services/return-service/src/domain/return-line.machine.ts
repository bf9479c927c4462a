import { decide, machine, NEW } from '@oms/chassis/machine';

/**
 * What happens to the units of one return line: first what arrived (reception), then what is accepted and what is done with it
 * (disposition). The line follows its return; no command names it.
 */
export type LineStatus = 'expected' | 'arrived' | 'missing' | 'accepted' | 'declined' | 'released';

export interface ReturnLine {
  id: string;
  orderItemId: string;
  sku: string;
  status: LineStatus;
  quantity: number;
  reason: string;
  comment: string | null;
  /** Units that came, also beyond what was asked; null until received. */
  receivedQuantity: number | null;
  condition: string | null;
  acceptedQuantity: number | null;
  disposition: string | null;
  refundAmount: number | null;
  /** Units of the order line this line keeps from other returns while it is open. */
  held: number;
  /** Units of the order line this line has taken back for good. */
  returned: number;
}

interface LineInputs {
  expect: object;
  arrive: { quantity: number; condition: string };
  settle: { accepted: number; disposition: string | null; amount: number };
  release: object;
}

/** The most units of a line that can be accepted: what came, and no more than was asked. */
export function acceptable(line: ReturnLine): number {
  return Math.min(line.receivedQuantity ?? 0, line.quantity);
}

const recordArrival = (line: ReturnLine, input: LineInputs['arrive']): void => {
  line.receivedQuantity = input.quantity;
  line.condition = input.condition;
  line.held = acceptable(line);
};

const recordSettlement = (line: ReturnLine, input: LineInputs['settle']): void => {
  line.acceptedQuantity = input.accepted;
  line.disposition = input.disposition;
  line.refundAmount = input.amount;
  line.held = 0;
  line.returned = input.accepted;
};

export const returnLineMachine = machine<ReturnLine, LineInputs>()<LineStatus>({
  name: 'return-line',
  statuses: ['expected', 'arrived', 'missing', 'accepted', 'declined', 'released'],
  terminal: ['accepted', 'declined', 'released'],
  transitions: [],
  rows: [
    {
      from: NEW,
      on: 'expect',
      to: 'expected',
      does: (line) => void (line.held = line.quantity),
      because: 'the units are kept for this return',
    },
    {
      from: 'expected',
      on: 'arrive',
      guard: [(_, input) => input.quantity > 0 || 'nothing_arrived'],
      to: 'arrived',
      does: recordArrival,
      because: 'units came; those that did not come are free to be returned again',
    },
    {
      from: 'expected',
      on: 'arrive',
      to: 'missing',
      does: recordArrival,
      because: 'nothing came of the line, its units are free again',
    },
    {
      from: 'arrived',
      on: 'settle',
      guard: [(_, input) => input.accepted > 0 || 'nothing_accepted'],
      to: 'accepted',
      does: recordSettlement,
      because: 'the accepted units are taken back for good, the others go back to the customer',
    },
    {
      from: ['arrived', 'missing'],
      on: 'settle',
      to: 'declined',
      does: recordSettlement,
      because: 'nothing of the line is taken back',
    },
    {
      from: ['expected', 'arrived', 'missing'],
      on: 'release',
      to: 'released',
      does: (line) => void (line.held = 0),
      because: 'the return ended without the goods',
    },
  ],
  ignore: [],
});

/** Moves a line with its return. A refusal here is a bug: the return's guards have looked already. */
export function moveLine<On extends keyof LineInputs & string>(
  line: ReturnLine,
  on: On,
  input: LineInputs[On],
): void {
  const status = on === 'expect' ? NEW : line.status;
  const decision = decide(returnLineMachine, status, line, on, input);
  if (decision.outcome !== 'moved')
    throw new Error(`return line ${line.id} in ${line.status} does not take ${on}`);
  decision.row.does?.(line, input);
  line.status = decision.to as LineStatus;
}
