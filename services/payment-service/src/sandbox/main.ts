import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Ledger, type Effect, type Operation } from './ledger.js';
import { Webhooks } from './webhooks.js';

/**
 * The sandbox provider: a process of its own with a durable ledger, which decides by token (API.md, "Payments"). The same key
 * always has the same answer; a charge is in the book before the answer leaves. What happens later it tells by webhook.
 */
const DECLINES: Readonly<Record<string, string>> = {
  tok_chargeDeclined: 'card_declined',
  tok_insufficientFunds: 'insufficient_funds',
  tok_expiredCard: 'expired_card',
};
const PENDING_MS = 500;
const MOST_A_PAGE = 1_000;

const store = process.env['SANDBOX_STORE'] ?? '.oms/payment-sandbox';
const ledger = new Ledger(store);
const webhooks = new Webhooks(store, {
  url: process.env['SANDBOX_WEBHOOK_URL'],
  secret: process.env['SANDBOX_WEBHOOK_SECRET'],
});
/** Calls seen by key, for the tokens that misbehave at first. */
const seen = new Map<string, number>();
const tokens = new Map<string, string>();
for (const effect of ledger.all({})) {
  if (effect.operation === 'authorize' && effect.token) tokens.set(effect.reference, effect.token);
  if (effect.outcome === 'pending') settleLater(effect);
}

interface Call {
  key: string;
  reference: string;
  amount: number;
  currency: string;
  token?: string | null;
}

function decide(operation: Operation, call: Call, token: string): Pick<Effect, 'outcome' | 'code'> {
  if (operation === 'authorize' && token === '') return { outcome: 'declined', code: 'token_missing' };
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

/** A pending refund settles a moment later, also when this process was killed meanwhile. */
function settleLater(effect: Effect): void {
  const settle = () => {
    const { token: _, at: __, ...data } = ledger.append({ ...effect, outcome: 'succeeded' });
    notify(`${effect.key}:settled`, 'operation.settled', data);
  };
  setTimeout(settle, Math.max(0, Date.parse(effect.at) + PENDING_MS - Date.now()));
}

function notify(id: string, type: Parameters<Webhooks['send']>[0]['type'], data: object): void {
  webhooks.send({ id, type, timestamp: new Date().toISOString(), data });
}

const answer = (effect: Effect) => ({
  outcome: effect.outcome,
  code: effect.code,
  providerRef: `sbx_${effect.key}`,
});

async function bodyOf<T>(req: IncomingMessage): Promise<T> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  return JSON.parse(text) as T;
}

async function perform(operation: Operation, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const call = await bodyOf<Call>(req);
  if (!call.key || !call.reference || !Number.isSafeInteger(call.amount) || call.amount < 1)
    return send(res, 400, { code: 'malformed' });
  const known = ledger.find(call.key);
  if (known) return send(res, 200, answer(known));
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
  if (effect.outcome === 'pending') settleLater(effect);
  // The charge is made and nobody hears of it: the caller has to ask, not to charge again.
  if (token === 'tok_providerTimeout' && operation === 'authorize') return;
  send(res, 200, answer(effect));
}

/** On demand, what a customer's bank does: `{ id, reference, amount, currency, reason? }` takes captured money back. */
async function chargeBack(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const {
    id,
    reason = 'fraudulent',
    ...money
  } = await bodyOf<{
    id: string;
    reference: string;
    amount: number;
    currency: string;
    reason?: string;
  }>(req);
  const entry = { ...money, key: id, outcome: 'succeeded', code: reason, token: null } as const;
  if (!ledger.find(id)) ledger.append({ operation: 'chargeback', ...entry, at: new Date().toISOString() });
  notify(`${id}:opened`, 'chargeback.opened', { id, reason, ...money });
  send(res, 200, { id });
}

/** `{ outcome: "won" | "lost" }`: won, the money comes back. */
async function closeChargeback(id: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { outcome } = await bodyOf<{ outcome: 'won' | 'lost' }>(req);
  const opened = ledger.find(id);
  if (!opened) return send(res, 404, { code: 'not_found' });
  const { reference, amount, currency, code: reason } = opened;
  if (outcome === 'won' && !ledger.find(`${id}:won`))
    ledger.append({
      ...opened,
      operation: 'chargeback_reversal',
      key: `${id}:won`,
      at: new Date().toISOString(),
    });
  notify(`${id}:closed`, 'chargeback.closed', { id, reference, amount, currency, reason, outcome });
  send(res, 200, { id });
}

function showLedger(query: URLSearchParams, res: ServerResponse): void {
  const shown = (effects: Effect[]) => effects.map(({ token: _, ...effect }) => effect);
  if (!query.has('limit')) {
    const filter = { key: query.get('key'), reference: query.get('reference') };
    return send(res, 200, { data: shown(ledger.all(filter)) });
  }
  const limit = Math.min(MOST_A_PAGE, Math.max(1, Number(query.get('limit')) || 1));
  const { data, next } = ledger.page(Number(query.get('after') ?? '0') || 0, limit);
  send(res, 200, { data: shown(data), next });
}

const server = createServer((req, res) => {
  const url = new URL(req.url ?? '/', 'http://sandbox');
  const [, version, what, key, step] = url.pathname.split('/');
  const failed = () => send(res, 400, { code: 'malformed' });
  if (url.pathname === '/livez') return send(res, 200, { status: 'ok' });
  if (url.pathname === '/ledger') return showLedger(url.searchParams, res);
  if (version === 'v1' && what === 'operations' && key) {
    const effect = ledger.find(decodeURIComponent(key));
    return effect ? send(res, 200, answer(effect)) : send(res, 404, { code: 'not_found' });
  }
  if (version !== 'v1' || req.method !== 'POST') return send(res, 404, { code: 'not_found' });
  if (what === 'authorize' || what === 'capture' || what === 'void' || what === 'refund')
    return void perform(what, req, res).catch(failed);
  if (what === 'chargebacks' && key === undefined) return void chargeBack(req, res).catch(failed);
  if (what === 'chargebacks' && key && step === 'close')
    return void closeChargeback(decodeURIComponent(key), req, res).catch(failed);
  send(res, 404, { code: 'not_found' });
});
const host = process.env['SANDBOX_HOST'] ?? '127.0.0.1';
server.listen(Number(process.env['SANDBOX_PORT'] ?? '0'), host, () => {
  const { port } = server.address() as { port: number };
  process.stdout.write(`payment sandbox on http://${host}:${port}\n`);
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    webhooks.stop();
    server.close();
    server.closeAllConnections();
    ledger.close();
    process.exit(0);
  });
}
