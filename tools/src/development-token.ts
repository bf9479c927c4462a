import type { Role } from '@oms/contracts';
import { readRunFile } from './run-file.ts';

/**
 * A bearer token of the running stack's development issuer: client credentials, with the role and the subject that a real
 * issuer would know. Throws a sentence when no stack runs, or it has no such issuer.
 */
export async function developmentToken(
  who: { role: Role; subject?: string | undefined; scope?: string | undefined },
  issuerUrl: string | undefined = readRunFile()['issuer']?.url,
): Promise<string> {
  if (!issuerUrl) throw new Error('the running stack has no development issuer; bring a token of your own');
  const answer = await fetch(`${issuerUrl}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('oms-development:development-only')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      role: who.role,
      ...(who.subject === undefined ? {} : { subject: who.subject }),
      ...(who.scope === undefined ? {} : { scope: who.scope }),
    }),
  });
  const body = (await answer.json()) as { access_token?: string; error_description?: string };
  if (!body.access_token)
    throw new Error(`the development issuer refuses: ${body.error_description ?? answer.status}`);
  return body.access_token;
}

const RENEW_MS = 3_600_000;

/** The token of a tool: OMS_TOKEN where one is given, else one of the development issuer, renewed every hour. */
export function tokenOf(who: { role: Role; subject?: string }, issuerUrl?: string): () => Promise<string> {
  let current: Promise<string> | undefined;
  let takenAt = 0;
  return () => {
    const given = process.env['OMS_TOKEN'];
    if (given) return Promise.resolve(given);
    if (!current || Date.now() - takenAt > RENEW_MS) {
      takenAt = Date.now();
      current = developmentToken(who, issuerUrl);
      current.catch(() => (current = undefined));
    }
    return current;
  };
}
