import { openOrm } from '../dist/orm.js';
import { InboxWorker } from '../dist/inbox/work.js';
import { createLog } from '../dist/log.js';
import { UnitOfWork } from '../dist/unit-of-work.js';

/** A process that works through the inbox of the schema `shop`; an event that says so ends it in the middle of its handler. */
const [databaseUrl = ''] = process.argv.slice(2);
const orm = await openOrm({ databaseUrl, schema: 'shop', entities: [], migrations: [], poolMax: 4 });
new InboxWorker({
  schema: 'shop',
  uow: new UnitOfWork(orm),
  databaseUrl,
  handlers: new Map([
    [
      'payment.captured',
      async (event) => {
        if ((event.data as { kill?: boolean }).kill) process.kill(process.pid, 'SIGKILL');
      },
    ],
  ]),
  concurrency: 4,
  attempts: 8,
  log: createLog('worker', 'silent'),
}).start();
