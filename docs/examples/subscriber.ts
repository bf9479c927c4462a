/**
 * A complete subscriber: keeps its own table of what was sold and what came back, and counts every event once, whatever is
 * killed when. `BROKER=nats://… SEED=SU… NAME=warehouse TABLE=warehouse.db npm run --silent subscriber:example`
 */
import { subscribe } from '@oms/events';
import { DatabaseSync } from 'node:sqlite';

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

const db = new DatabaseSync(need('TABLE'));
db.exec(`
  pragma journal_mode = wal;
  create table if not exists received (
    place integer primary key, source text not null, id text not null, name text not null,
    subject text not null, sequence integer not null, amount integer not null,
    unique (source, id));
  create index if not exists received_of on received (subject, sequence);`);
const insert = db.prepare(
  'insert or ignore into received (source, id, name, subject, sequence, amount) values (?, ?, ?, ?, ?, ?)',
);
const last = db.prepare('select max(sequence) as sequence from received where subject = ?');

const subscriber = await subscribe({
  url: need('BROKER'),
  seed: need('SEED'),
  name: need('NAME'),

  // One transaction: the event's own mark, and what follows from it. A second delivery finds the mark and does nothing.
  async handle(event) {
    db.exec('begin immediate');
    try {
      const amount =
        event.name === 'order.placed'
          ? event.data.total
          : event.name === 'return.refunded'
            ? -event.data.amount
            : 0;
      const known = Number(last.get(event.subject)?.['sequence'] ?? 0);
      const { changes } = insert.run(
        event.source,
        event.id,
        event.name,
        event.subject,
        event.sequence,
        amount,
      );
      db.exec('commit');
      if (changes === 1) console.log(`${event.name} ${event.subject} #${event.sequence}`);
      // Told only: who asks for all events of a kind has lost something; who asks for some of them sees numbers missing.
      if (changes === 1 && event.sequence !== known + 1)
        console.error(`not every event before ${event.subject} #${event.sequence} came`);
    } catch (error) {
      db.exec('rollback');
      throw error;
    }
  },

  // An event of a later major version, say: this program does not know it, and goes on.
  passedOver: (reason) => console.error(`passed over: ${reason.message}`),
  failed: (error, event, attempt) => console.error(`${event.id} failed ${attempt} times:`, error),
});
console.log('listening');

const stop = () => void subscriber.stop().then(() => db.close());
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
