import { nkeys } from '@nats-io/transport-node';
import { brokerIdentities } from '@oms/contracts';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync, randomBytes, type JsonWebKey } from 'node:crypto';
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
  /** nkey seeds of the identities at the broker, by name, and the password of its admin. */
  broker: { seeds: Record<string, string>; password: string };
  /** By which the payment sandbox signs its webhooks; its first bytes mark it as a development secret. */
  providerWebhooks: string;
}

/** A new nkey seed of a user. */
export const newSeed = (): string => new TextDecoder().decode(nkeys.createUser().getSeed());

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
    const identities = signers.every((name) => kept.identity[name]);
    const seeds = brokerIdentities.every(({ name }) => kept.broker?.seeds[name]);
    if (identities && seeds && kept.providerWebhooks) return kept;
  }
  const keys: Keys = {
    issuer: ec('development-issuer'),
    identity: Object.fromEntries(signers.map((name) => [name, ed(name)])),
    providerWebhooks: `whsec_${Buffer.concat([Buffer.from('oms-dev'), randomBytes(32)]).toString('base64')}`,
    cursor: generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }).d ?? '',
    broker: {
      seeds: Object.fromEntries(brokerIdentities.map(({ name }) => [name, newSeed()])),
      password: randomBytes(18).toString('base64url'),
    },
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

/** The public halves of the broker's identities. */
export const brokerPublicKeys = ({ broker }: Keys): Record<string, string> =>
  Object.fromEntries(Object.entries(broker.seeds).map(([name, one]) => [name, publicNkey(one)]));

/** The public nkey (`U…`) of a seed. */
export const publicNkey = (seed: string): string =>
  nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey();
