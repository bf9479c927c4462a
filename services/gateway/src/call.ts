import { RequestError, TimeoutError, type NatsConnection } from '@nats-io/transport-node';
import { header, rpcRequest, type IdentitySigner } from '@oms/chassis/edge';
import { isErrorCode, type Caller } from '@oms/contracts';
import { Problem, type ProblemExtra } from './problem.js';

/** What a service answered: the view, the resource's version for the ETag, whether nothing was changed, and whether it is a replay. */
export interface Answer {
  body: unknown;
  version: string | undefined;
  unchanged?: boolean;
  replayed: boolean;
}

export type Call = (
  subject: string,
  body: object,
  caller: Caller,
  headers: Record<string, string | undefined>,
) => Promise<Answer>;

/**
 * Requests over core NATS. No responders is 503 and silence is 504: both leave a write in doubt, so both are safe
 * to send again under the same Idempotency-Key. While the broker is away the client would wait out the timeout; it
 * answers 503 at once instead.
 */
export function rpc(nc: NatsConnection, signer: IdentitySigner, timeoutMs: number): Call {
  let connected = true;
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') connected = false;
      if (status.type === 'reconnect') connected = true;
    }
  })();
  return async (subject, body, caller, fields) => {
    if (!connected) throw new Problem('service_unavailable', 'the message broker is not reachable');
    const headers = { ...fields, [header.identity]: await signer.sign(caller) };
    const reply = await rpcRequest(nc, subject, body, { timeoutMs, headers }).catch((error: unknown) => {
      if (error instanceof TimeoutError) throw new Problem('service_timeout');
      if (error instanceof RequestError) throw new Problem('service_unavailable');
      throw new Problem('service_unavailable', 'the message broker is not reachable');
    });
    const code = reply.headers?.get('Nats-Service-Error-Code');
    const answer: unknown = reply.data.length === 0 ? undefined : reply.json();
    if (code) {
      const { detail, ...extra } = (answer ?? {}) as ProblemExtra & { detail?: string; code?: string };
      delete extra.code;
      if (reply.headers?.get('oms-replayed') === 'true') extra.replayed = true;
      throw new Problem(isErrorCode(code) ? code : 'internal_error', detail, extra);
    }
    return {
      body: answer,
      version: reply.headers?.get('oms-version') || undefined,
      unchanged: reply.headers?.get(header.unchanged) === 'true',
      replayed: reply.headers?.get('oms-replayed') === 'true',
    };
  };
}
