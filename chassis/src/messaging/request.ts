import { headers as natsHeaders, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { inSpan, injectTrace } from '../trace.js';
import { header } from './headers.js';

/**
 * Asks a service over core NATS, as a span of the caller's trace that the service continues. Headers without a value are
 * left out. Rejects as the client's own `request` does; an answer with an error code is an answer.
 */
export function rpcRequest(
  nc: NatsConnection,
  subject: string,
  body: object,
  options: { timeoutMs: number; headers?: Record<string, string | undefined> },
): Promise<Msg> {
  return inSpan(subject, { kind: 'CLIENT', attributes: { 'rpc.system': 'nats' } }, async (span) => {
    const headers = natsHeaders();
    for (const [name, value] of Object.entries(options.headers ?? {}))
      if (value !== undefined) headers.set(name, value);
    injectTrace((name, value) => headers.set(name, value));
    const reply = await nc.request(subject, JSON.stringify(body), { timeout: options.timeoutMs, headers });
    const code = reply.headers?.get(header.errorCode);
    if (code) span.setAttribute('error.type', code);
    return reply;
  });
}
