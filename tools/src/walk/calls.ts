import { restRoutes } from '@oms/contracts';
import { same, type Sentence } from './sentence.ts';

/** The calls that the contract promises, as its tables list them. */
const promised = `
POST /orders · GET /orders · GET /orders/:id · PATCH /orders/:id · POST /orders/:id/state · POST /orders/:id/cancel
POST /orders/:id/hold · POST /orders/:id/release · POST /orders/batch · GET /orders/export · GET /orders/:id/transitions
GET /orders/:id/history · GET /orders/:id/timeline · POST /orders/:id/shipments · POST /orders/:id/shipments/:id/deliver
POST /returns · GET /returns · GET /returns/:id · PATCH /returns/:id · POST /returns/:id/state · POST /returns/:id/approve
POST /returns/:id/reject · POST /returns/:id/cancel · GET /returns/:id/transitions · GET /returns/:id/history
GET /returns/:id/timeline · POST /returns/quote · GET /returns/export
POST /payments · GET /payments · GET /payments/:id · PATCH /payments/:id · POST /payments/:id/process
POST /payments/:id/capture · POST /payments/:id/void · POST /payments/:id/refund · GET /payments/export
GET /events · GET /webhooks · POST /webhooks · GET /dead-letters · GET /sagas · GET /notifications`
  .split(/[·\n]/)
  .map((call) => call.trim())
  .filter((call) => call !== '');

const known = new Set(restRoutes.map((row) => `${row.method} ${row.path.replace(/:\w+/g, ':id')}`));

/** That each promised call is there: as a row of the contract, or, where it is no request and answer, at the gateway. */
export const callSentences: Sentence[] = promised.map((call) => ({
  section: 'Calls',
  says: call,
  holds: async (world) => {
    if (known.has(call)) return;
    const [method = '', path = ''] = call.split(' ');
    const stop = new AbortController();
    const answer = await fetch(`${world.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${await world.token('admin')}` },
      signal: stop.signal,
    });
    stop.abort();
    same(answer.status < 300, true);
  },
}));

/** What holds for every row of the contract, whatever it does. */
export const everyCall: Sentence[] = restRoutes.map((row) => ({
  section: 'Every call',
  says: `${row.method} ${row.path} asks who calls, and answers a stranger 401 with how to authenticate`,
  holds: async (world) => {
    const path = row.path.replace(/:\w+/g, 'ord_01jd3z6q8kf5v9c2x7m4t0b1ha');
    const answer = await fetch(`${world.url}/api/v1${path}`, {
      method: row.method,
    });
    same([answer.status, answer.headers.get('www-authenticate')], [401, 'Bearer realm="oms"']);
    same(answer.headers.get('content-type')?.startsWith('application/problem+json'), true);
  },
}));
