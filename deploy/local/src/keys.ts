import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { join } from 'node:path';

/** A private key as JWK. `oms-dev` marks it: with NODE_ENV=production nothing starts with one of these. */
type DevelopmentKey = JsonWebKey & { kid: string; alg: string; 'oms-dev': true };

export interface Keys {
  /** By which the development issuer signs access tokens. */
  issuer: DevelopmentKey;
  /** By which the gateway and each service say who is calling. */
  identity: Record<string, DevelopmentKey>;
  /** Signs cursors, the same for all replicas of all services. */
  cursor: string;
}

const ec = (kid: string): DevelopmentKey => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  kid,
  alg: 'ES256',
  'oms-dev': true,
});
const ed = (kid: string): DevelopmentKey => ({
  ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
  kid,
  alg: 'EdDSA',
  'oms-dev': true,
});

/** The keys of this home, made once and kept, so that a token outlives a restart. Readable by its owner only. */
export function developmentKeys(home: string, signers: readonly string[]): Keys {
  const file = join(home, 'development-keys.json');
  if (existsSync(file)) {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Keys;
    if (signers.every((name) => kept.identity[name])) return kept;
  }
  const keys: Keys = {
    issuer: ec('development-issuer'),
    identity: Object.fromEntries(signers.map((name) => [name, ed(name)])),
    cursor: generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }).d ?? '',
  };
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

/** What everybody may know of the signers. */
export const publicKeys = (keys: Keys): string =>
  JSON.stringify({
    keys: Object.values(keys.identity).map(({ kty, crv, x, kid, alg }) => ({
      kty,
      crv,
      x,
      kid,
      alg,
      use: 'sig',
    })),
  });
