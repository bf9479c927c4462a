import { Webhook } from 'standardwebhooks';
import express, { type RequestHandler } from 'express';
import type { Call } from './call.js';
import { Problem } from './problem.js';

/** Where the payment provider sends what happened without being asked; not a call of the public API. */
export const PROVIDER_WEBHOOKS = '/provider-webhooks';

const LIMIT_BYTES = 262_144;
const PROVIDER = { type: 'service', id: 'payment-provider', scopes: ['payments:write'] } as const;

/**
 * Takes the provider's webhooks (Standard Webhooks): the signature over id, time and raw body is compared in constant time,
 * and the time may differ by five minutes; anything else is `401` before the body is looked at. Passed on as it came, and
 * answered `204` when it is durable; any other answer makes the provider send it again.
 */
export function providerWebhooks(call: Call, secrets: readonly string[]): RequestHandler[] {
  const keys = secrets.map((secret) => new Webhook(secret));
  return [
    express.raw({ type: () => true, limit: LIMIT_BYTES }),
    async (req, res) => {
      if (req.method !== 'POST') {
        res.setHeader('Allow', 'POST');
        throw new Problem('method_not_allowed');
      }
      const body = Buffer.isBuffer(req.body) ? req.body.toString('utf8') : '';
      const headers = Object.fromEntries(
        ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, req.get(name) ?? '']),
      );
      if (!keys.some((key) => isSigned(key, body, headers)))
        throw new Problem('unauthenticated', 'the signature is not valid');
      const webhookId = headers['webhook-id'];
      await call('rpc.payment.provider_webhook', { webhookId, body }, PROVIDER, {
        'oms-request-id': String(res.getHeader('X-Request-Id')),
      });
      res.status(204).end();
    },
  ];
}

function isSigned(key: Webhook, body: string, headers: Record<string, string>): boolean {
  try {
    key.verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}
