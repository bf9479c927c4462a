import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { born, newId } from '@oms/chassis';
import { cellsOf, walk, type Trial, type Walk } from '../../../tests/ground/cells.ts';
import { startGround, type ServiceGround } from '../../../tests/ground/service-ground.ts';
import type { MessageState } from '../src/domain/message.js';
import { messageAggregate } from '../src/persistence/message.aggregate.js';
import { sample } from './samples.js';
import { testModule } from './settings.js';

let ground: ServiceGround;
beforeAll(async () => {
  ground = await startGround(testModule());
});
afterAll(() => ground?.stop());

const HOUR = 3_600_000;
const make = async (status: string): Promise<MessageState> => {
  const now = new Date();
  return {
    ...born('msg', now),
    status: (status === '[*]' ? 'queued' : status) as MessageState['status'],
    eventId: newId('evt'),
    template: 'order.confirmed',
    event: sample('order.confirmed').data as MessageState['event'],
    channel: 'email',
    customerId: 'cus_42',
    orderId: newId('ord'),
    returnId: null,
    recipient: null,
    locale: null,
    subject: null,
    body: null,
    messageId: null,
    unsubscribeToken: newId('tok'),
    round: 1,
    attempts: 1,
    nextAt: now,
    giveUpAt: new Date(now.getTime() + HOUR),
    providerRef: null,
    reason: null,
  };
};

const trials: Record<string, Trial<MessageState>[]> = {
  record: [{}],
  dispatch: [
    {
      input: (message) => ({
        recipient: 'jane@example.com',
        locale: 'en',
        subject: 'Your order',
        body: 'It is confirmed.',
        messageId: `${message.id}.1@shop.example`,
      }),
    },
  ],
  accept: [{ input: () => ({ providerRef: '250 ok' }) }],
  defer: [
    { input: (message) => ({ reason: 'away', nextAt: message.giveUpAt }) },
    {
      input: (message) => ({ reason: 'away', nextAt: new Date(message.giveUpAt.getTime() + 1) }),
    },
  ],
  reject: [{ input: () => ({ reason: '550' }) }],
  suppress: [{ input: () => ({ reason: 'no_address' }) }],
  resend: [{ input: (message) => ({ giveUpAt: new Date(message.giveUpAt.getTime() + HOUR) }) }],
};

describe('every cell of the message machine does through the executor what the table says', () => {
  it.each(cellsOf(messageAggregate).map((cell) => [`${cell.status} on ${cell.on}`, cell] as const))(
    '%s',
    async (_, cell) => {
      const spec: Walk<MessageState> = { ground, aggregate: messageAggregate, make, trials };
      await walk(spec, cell);
    },
  );
});
