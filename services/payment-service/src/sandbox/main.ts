import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Ledger, type Effect, type Operation } from './ledger.js';

/**
 * The sandbox provider: a process of its own with a durable ledger, which decides by token (API.md, "Payments"). The same key
 * always has the same answer; a charge is in the book before the answer leaves.
 */
const DECLINES: Readonly<Record<string, string>> = {
  tok_chargeDeclined: 'card_declined',
  tok_insufficientFunds: 'insufficient_funds',
  tok_expiredCard: 'expired_card',
};
const PENDING_MS = 500;

const ledger = new Ledger(process.env['SANDBOX_STORE'] ?? '.oms/payment-sandbox');
/** Calls seen by key, for the tokens that misbehave at first. */
const seen = new Map<string, number>();
const tokens = new Map<string, string>();
for (const effect of ledger.all({}))
  if (effect.operation === 'authorize' && effect.token) tokens.set(effect.reference, effect.token);

interface Call {
  key: string;
  reference: string;
  amount: number;
  currency: string;
  token?: string | null;
}

function decide(operation: Operation, call: Call, token: string): Pick<Effect, 'outcome' | 'code'> {
  const code = DECLINES[token];
  if (operation === 'authorize' && code) return { outcome: 'declined', code };
  if (operation === 'refund' && token === 'tok_refundFails')
    return { outcome: 'declined', code: 'refund_refused' };
  if (operation === 'refund' && token === 'tok_refundPending') return { outcome: 'pending', code: null };
  return { outcome: 'succeeded', code: null };
}

function send(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A pending refund has settled a moment later; asking shows it. */
function current(effect: Effect): Effect {
  if (effect.outcome !== 'pending' || Date.now() - Date.parse(effect.at) < PENDING_MS) return effect;
  return ledger.append({ ...effect, outcome: 'succeeded' });
}

const answer = (effect: Effect) => ({
  outcome: effect.outcome,
  code: effect.code,
  providerRef: `sbx_${effect.key}`,
});

async function bodyOf(req: IncomingMessage): Promise<Call> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  return JSON.parse(text) as Call;
}

async function perform(operation: Operation, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const call = await bodyOf(req);
  if (!call.key || !call.reference || !Number.isSafeInteger(call.amount) || call.amount < 1)
    return send(res, 400, { code: 'malformed' });
  const known = ledger.find(call.key);
  if (known) return send(res, 200, answer(current(known)));
  const token = call.token ?? tokens.get(call.reference) ?? '';
  const calls = (seen.get(call.key) ?? 0) + 1;
  seen.set(call.key, calls);
  if (token === 'tok_providerError' && operation === 'authorize' && calls <= 2)
    return send(res, 500, { code: 'provider_error' });
  if (operation === 'authorize') tokens.set(call.reference, token);
  const effect = ledger.append({
    operation,
    key: call.key,
    reference: call.reference,
    amount: call.amount,
    currency: call.currency,
    ...decide(operation, call, token),
    token: operation === 'authorize' ? token : null,
    at: new Date().toISOString(),
  });
  // The charge is made and nobody hears of it: the caller has to ask, not to charge again.
  if (token === 'tok_providerTimeout' && operation === 'authorize') return;
  send(res, 200, answer(effect));
}

const server = createServer((req, res) => {
  const url = new URL(req.url ?? '/', 'http://sandbox');
  const [, version, what, key] = url.pathname.split('/');
  if (url.pathname === '/livez') return send(res, 200, { status: 'ok' });
  if (url.pathname === '/ledger') {
    const data = ledger
      .all({ key: url.searchParams.get('key'), reference: url.searchParams.get('reference') })
      .map(current);
    return send(res, 200, { data: data.map(({ token: _, ...effect }) => effect) });
  }
  if (version === 'v1' && what === 'operations' && key) {
    const effect = ledger.find(decodeURIComponent(key));
    return effect ? send(res, 200, answer(current(effect))) : send(res, 404, { code: 'not_found' });
  }
  if (
    version === 'v1' &&
    req.method === 'POST' &&
    (what === 'authorize' || what === 'capture' || what === 'void' || what === 'refund')
  ) {
    perform(what, req, res).catch(() => send(res, 400, { code: 'malformed' }));
    return;
  }
  send(res, 404, { code: 'not_found' });
});
server.listen(Number(process.env['SANDBOX_PORT'] ?? '0'), '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  process.stdout.write(`payment sandbox on http://127.0.0.1:${port}\n`);
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
    ledger.close();
  });
}
