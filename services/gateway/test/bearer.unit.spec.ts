import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWK } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bearerCheck, KEYS_COOLDOWN_MS, KEYS_MAX_AGE_MS, type BearerCheck } from '../src/auth/bearer.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const TOLERANCE_S = 5;
const TOKEN_CACHE_MS = 30_000;

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
interface Key extends Pair {
  kid: string;
  jwk: JWK;
}

let issuer: Server;
let url: string;
let published: JWK[];
let fetched: number;
let down: boolean;
let check: BearerCheck;

async function makeKey(kid: string): Promise<Key> {
  const pair = await generateKeyPair('ES256', { extractable: true });
  return { ...pair, kid, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' } };
}

beforeEach(async () => {
  [published, fetched, down] = [[], 0, false];
  issuer = createServer((req, res) => {
    if (down) return void res.writeHead(500).end();
    if (req.url === '/jwks') fetched += 1;
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(req.url === '/jwks' ? { keys: published } : { jwks_uri: `${url}/jwks` }));
  });
  await new Promise<void>((done) => issuer.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  check = bearerCheck({
    issuer: url,
    jwksUrl: '',
    audience: 'oms',
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    type: 'at+jwt',
    clockToleranceS: TOLERANCE_S,
    roleClaim: 'role',
  });
  // Only what the clock says: timers and sockets stay real.
  jest.useFakeTimers({
    now: START,
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });
});
afterEach(async () => {
  jest.useRealTimers();
  issuer.closeAllConnections();
  await new Promise<void>((done) => issuer.close(() => done()));
});

const later = (ms: number) => jest.setSystemTime(Date.now() + ms);

/** A token of `key`; times in seconds from the start. */
const token = (key: Key, { exp = 3_600, nbf = 0 } = {}): Promise<string> =>
  new SignJWT({ role: 'staff', exp: START / 1000 + exp, nbf: START / 1000 + nbf })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.kid })
    .setSubject('anna')
    .setIssuer(url)
    .setAudience('oms')
    .sign(key.privateKey);

const verdict = (bearer: string): Promise<string> =>
  check(bearer, (work) => work()).then(
    (caller) => caller.id,
    (error: { code?: string }) => error.code ?? String(error),
  );

it('a new signing key of the issuer is accepted without a restart', async () => {
  const [old, fresh] = [await makeKey('old'), await makeKey('fresh')];
  published = [old.jwk];
  expect(await verdict(await token(old))).toBe('anna');
  published = [old.jwk, fresh.jwk];
  later(KEYS_COOLDOWN_MS + 1);
  expect(await verdict(await token(fresh))).toBe('anna');
});

it('a key that nobody knows has the keys fetched once in the pause, however often it is named', async () => {
  const [known, stranger] = [await makeKey('known'), await makeKey('stranger')];
  published = [known.jwk];
  for (let turn = 0; turn < 5; turn += 1)
    expect(await verdict(await token(stranger, { exp: 3_600 + turn }))).toBe('unauthenticated');
  expect(fetched).toBe(1);
});

it('a withdrawn key is refused when the keys are too old, and a token seen before half a minute later', async () => {
  const [old, fresh] = [await makeKey('old'), await makeKey('fresh')];
  published = [old.jwk];
  const seen = await token(old);
  expect(await verdict(seen)).toBe('anna');
  published = [fresh.jwk];
  later(KEYS_MAX_AGE_MS - 1);
  expect(await verdict(seen)).toBe('anna');
  later(1);
  expect(await verdict(await token(old, { exp: 3_601 }))).toBe('unauthenticated');
  later(TOKEN_CACHE_MS);
  expect(await verdict(seen)).toBe('unauthenticated');
});

it('while the keys can not be had a token is not called wrong', async () => {
  const key = await makeKey('one');
  published = [key.jwk];
  expect(await verdict(await token(key))).toBe('anna');
  down = true;
  later(KEYS_MAX_AGE_MS + 1);
  const another = await token(key, { exp: 3_601 });
  expect(await verdict(another)).toBe('service_unavailable');
  down = false;
  expect(await verdict(another)).toBe('anna');
});

it('clocks may differ by the tolerance, at both ends of the time of a token, and not by more', async () => {
  const key = await makeKey('one');
  published = [key.jwk];
  expect(await verdict(await token(key, { exp: -TOLERANCE_S + 1 }))).toBe('anna');
  expect(await verdict(await token(key, { exp: -TOLERANCE_S }))).toBe('unauthenticated');
  expect(await verdict(await token(key, { nbf: TOLERANCE_S }))).toBe('anna');
  expect(await verdict(await token(key, { nbf: TOLERANCE_S + 1 }))).toBe('unauthenticated');
});

it('a token seen before is refused once its time is over', async () => {
  const key = await makeKey('one');
  published = [key.jwk];
  const short = await token(key, { exp: 10 });
  expect(await verdict(short)).toBe('anna');
  later((10 + TOLERANCE_S) * 1000);
  expect(await verdict(short)).toBe('unauthenticated');
});

it('a token whose time had not begun is accepted as soon as it has', async () => {
  const key = await makeKey('one');
  published = [key.jwk];
  const early = await token(key, { nbf: TOLERANCE_S + 1 });
  expect(await verdict(early)).toBe('unauthenticated');
  later(1000);
  expect(await verdict(early)).toBe('anna');
});

it("the issuer's public key is no secret to sign with", async () => {
  const key = await makeKey('one');
  published = [key.jwk];
  for (const secret of [await exportSPKI(key.publicKey), JSON.stringify(key.jwk)]) {
    const forged = await new SignJWT({ role: 'admin', exp: START / 1000 + 3_600 })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })
      .setSubject('anna')
      .setIssuer(url)
      .setAudience('oms')
      .sign(new TextEncoder().encode(secret));
    expect(await verdict(forged)).toBe('unauthenticated');
  }
});
