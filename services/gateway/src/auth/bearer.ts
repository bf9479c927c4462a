import { Role, type Caller } from '@oms/contracts';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Turn } from '../door/strangers.js';
import { Problem } from '../problem.js';
import { refusedLately } from './refused-lately.js';

/** Which tokens are believed; all of it fixed by configuration, nothing by the token (RFC 8725). */
export interface TokenRules {
  issuer: string;
  /** Empty: asked of the issuer's discovery document. */
  jwksUrl: string;
  audience: string;
  algorithms: string[];
  /** The `typ` of an access token (RFC 9068: at+jwt). */
  type: string;
  clockToleranceS: number;
  roleClaim: string;
}

const CACHE_MS = 30_000;
const MOST_CACHED = 10_000;
const DISCOVERY_TIMEOUT_MS = 3_000;
/** How long a key that the issuer has withdrawn is still believed; a token that was good a moment before, 30 s longer. */
export const KEYS_MAX_AGE_MS = 300_000;
/** A token of a key that is not known has the keys fetched again, but not more often than this: anybody can name a key. */
export const KEYS_COOLDOWN_MS = 10_000;

export type BearerCheck = (token: string, turn: Turn) => Promise<Caller>;

/** Checks access tokens of one OIDC issuer. A token that was good a moment ago is not checked again for up to 30 s. */
export function bearerCheck(rules: TokenRules): BearerCheck {
  let keys: JWTVerifyGetKey | undefined;
  const cache = new Map<string, { caller: Caller; until: number }>();
  const refused = refusedLately();

  async function keySet(): Promise<JWTVerifyGetKey> {
    if (keys) return keys;
    const url = rules.jwksUrl || (await discover(rules.issuer));
    return (keys = keysAt(new URL(url)));
  }

  async function check(token: string): Promise<Caller> {
    const before = refused.problemOf(token);
    if (before) throw before;
    try {
      const caller = callerOf(await verified(token, await keySet(), rules), rules);
      if (cache.size >= MOST_CACHED) cache.clear();
      cache.set(token, caller);
      return caller.caller;
    } catch (error) {
      if (error instanceof Problem && error.extra.invalidToken && !isPassing(error.cause))
        refused.remember(token, error);
      throw error;
    }
  }

  return async (token, turn) => {
    const known = cache.get(token);
    if (known && known.until > Date.now()) return known.caller;
    return turn(() => check(token));
  };
}

/** What is wrong with a token now and may be right in a moment: its key is not fetched yet, or its time has not begun. */
const isPassing = (cause: unknown): boolean =>
  cause instanceof errors.JWKSNoMatchingKey ||
  (cause instanceof errors.JWTClaimValidationFailed && cause.claim === 'nbf');

/** The issuer's keys. That they can't be had is our trouble and not the token's: 503, so that a client keeps its token. */
function keysAt(url: URL): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: DISCOVERY_TIMEOUT_MS,
    cacheMaxAge: KEYS_MAX_AGE_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported
      )
        throw error;
      throw new Problem('service_unavailable', 'tokens can not be checked right now');
    }
  };
}

async function discover(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS) });
    const { jwks_uri: found } = (await answer.json()) as { jwks_uri?: string };
    if (found) return found;
  } catch {
    // The same to the caller as an issuer without keys.
  }
  throw new Problem('service_unavailable', 'tokens can not be checked right now');
}

async function verified(token: string, keys: JWTVerifyGetKey, rules: TokenRules): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: rules.issuer,
      audience: rules.audience,
      algorithms: rules.algorithms,
      typ: rules.type,
      clockTolerance: rules.clockToleranceS,
      requiredClaims: ['sub', 'exp'],
    });
    return payload;
  } catch (error) {
    if (error instanceof Problem) throw error;
    const problem = new Problem('unauthenticated', 'the token is not valid', { invalidToken: true });
    problem.cause = error;
    throw problem;
  }
}

/** A token without a role of ours is nobody here. `scope` (RFC 8693) restricts; a service has nothing without it. */
function callerOf(payload: JWTPayload, rules: TokenRules): { caller: Caller; until: number } {
  const role = Role.safeParse(payload[rules.roleClaim]);
  if (!role.success || !payload.sub || payload.sub.length > 128)
    throw new Problem('unauthenticated', 'the token has no role', { invalidToken: true });
  const scope = payload['scope'];
  const asked = typeof scope === 'string' && scope.trim() !== '' ? scope.trim().split(/\s+/) : null;
  const scopes = asked?.filter((one) => one.includes(':')) ?? [];
  return {
    caller: {
      type: role.data,
      id: payload.sub,
      scopes: scopes.length > 0 || role.data === 'service' ? scopes : null,
    },
    until: Math.min(Date.now() + CACHE_MS, (payload.exp ?? 0) * 1000),
  };
}
