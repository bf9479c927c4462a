import type { Actor, Caller } from '@oms/contracts';
import {
  createLocalJWKSet,
  errors,
  importJWK,
  jwtVerify,
  SignJWT,
  type JWK,
  type JWTVerifyOptions,
} from 'jose';
import { MISCONFIGURED } from './config.js';

/** The header type of our own tokens: a client's access token can never be taken for one (RFC 8725 §3.11). */
const TYPE = 'oms-identity+jwt';
const AUDIENCE = 'oms';
const ALGORITHM = 'EdDSA';
const LIFE_S = 60;
/** A signed token is used again for so long; its life covers this and the longest request. */
const REUSE_MS = 25_000;
const MOST_CACHED = 10_000;

interface Cached {
  until: number;
  token: string;
}

/** Signs who a caller is, for the services behind: the gateway for clients, a service for itself. */
export class IdentitySigner {
  private readonly cache = new Map<string, Cached>();
  private readonly jwk: JWK & { kid: string };
  private readonly key: ReturnType<typeof importJWK>;

  /** `privateKey` is an Ed25519 JWK with a `kid`, the name of the signing process. */
  constructor(privateKey: string) {
    this.jwk = JSON.parse(privateKey) as JWK & { kid: string };
    this.key = importJWK(this.jwk, ALGORITHM);
  }

  /** A token for a minute. The same caller gets the same one for a while: a signature costs more than a look-up. */
  async sign(caller: Caller): Promise<string> {
    const name = JSON.stringify([caller.type, caller.id, caller.scopes]);
    const known = this.cache.get(name);
    if (known && known.until > Date.now()) return known.token;
    const token = await new SignJWT({ role: caller.type, scopes: caller.scopes })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: this.jwk.kid })
      .setSubject(caller.id)
      .setIssuer(this.jwk.kid)
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(`${LIFE_S}s`)
      .sign(await this.key);
    if (this.cache.size >= MOST_CACHED) this.cache.clear();
    this.cache.set(name, { token, until: Date.now() + REUSE_MS });
    return token;
  }
}

/** Verifies with whichever key of the signer fits: while one replaces the other, both are in the set under its name. */
async function verifyWithAny(
  token: string,
  keys: ReturnType<typeof createLocalJWKSet>,
  options: JWTVerifyOptions,
): ReturnType<typeof jwtVerify> {
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let last: unknown = error;
    for await (const key of error)
      try {
        return await jwtVerify(token, key, options);
      } catch (wrong) {
        last = wrong;
      }
    throw last;
  }
}

/** Tells who signed an identity, and for whom. */
export class IdentityVerifier {
  private readonly keys: ReturnType<typeof createLocalJWKSet>;
  private readonly cache = new Map<string, { caller: Caller; until: number }>();

  /** `keySet` is the JWKS of everybody who may sign: the gateway for clients, a service for itself; of a signer whose key is being replaced, both. */
  constructor(keySet: string) {
    this.keys = createLocalJWKSet(JSON.parse(keySet) as { keys: JWK[] });
  }

  /** null for a token that is missing, forged, expired, or says more than its signer may. Seen before, it costs a look-up. */
  async verify(token: string | null): Promise<Caller | null> {
    if (!token) return null;
    const known = this.cache.get(token);
    if (known) return known.until > Date.now() ? known.caller : null;
    try {
      const { payload, protectedHeader } = await verifyWithAny(token, this.keys, {
        audience: AUDIENCE,
        algorithms: [ALGORITHM],
        typ: TYPE,
        requiredClaims: ['sub', 'exp', 'iss'],
      });
      const type = payload['role'] as Actor['type'];
      const own = type === 'system';
      // The gateway speaks for clients and never as a service; a service only for itself.
      if (payload.iss !== protectedHeader.kid || own !== (payload.iss !== 'gateway')) return null;
      if (own && payload.sub !== payload.iss) return null;
      const caller: Caller = {
        type,
        id: payload.sub ?? '',
        scopes: (payload['scopes'] as string[] | null | undefined) ?? null,
      };
      if (this.cache.size >= MOST_CACHED) this.cache.clear();
      this.cache.set(token, { caller, until: (payload.exp ?? 0) * 1000 });
      return caller;
    } catch {
      return null;
    }
  }
}

/**
 * With NODE_ENV=production nothing starts with a key that the local stack made, nor believes an issuer that anybody on the
 * way could speak for. Ends the process with a sentence.
 */
export function refuseDevelopmentKeys(
  privateKey: string,
  issuer?: string,
  webhookSecrets: readonly string[] = [],
): void {
  if (process.env['NODE_ENV'] !== 'production') return;
  const fault = privateKey.includes('"oms-dev"')
    ? 'IDENTITY_KEY is a development key'
    : issuer !== undefined && !issuer.startsWith('https://')
      ? 'AUTH_ISSUER must be https'
      : webhookSecrets.some(isDevelopmentSecret)
        ? 'PROVIDER_WEBHOOK_SECRETS has a development secret'
        : undefined;
  if (fault === undefined) return;
  process.stderr.write(`${fault}: refused with NODE_ENV=production\n`);
  process.exit(MISCONFIGURED);
}

const isDevelopmentSecret = (secret: string): boolean =>
  Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    .toString('latin1')
    .startsWith('oms-dev');
