import { afterEach, expect, it, jest } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { IdentitySigner, IdentityVerifier } from '../src/identity.js';

const key = { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: 'gateway' };
const { d: _, ...publicKey } = key;
const anna = { type: 'staff', id: 'anna', scopes: null } as const;

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

it('an identity is verified once, then looked up, and refused after its time all the same', async () => {
  const start = Date.now();
  jest.useFakeTimers({ now: start, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout'] });
  const token = await new IdentitySigner(JSON.stringify(key)).sign(anna);
  const verifier = new IdentityVerifier(JSON.stringify({ keys: [publicKey] }));
  const signatures = jest.spyOn(globalThis.crypto.subtle, 'verify');
  for (let turn = 0; turn < 3; turn += 1) expect(await verifier.verify(token)).toEqual(anna);
  expect(signatures).toHaveBeenCalledTimes(1);
  jest.setSystemTime(start + 61_000);
  expect(await verifier.verify(token)).toBeNull();
});

it('while one key replaces the other, what either of them signed is believed, and nothing else under its name', async () => {
  const made = () => ({
    ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
    kid: 'gateway',
    alg: 'EdDSA',
  });
  const [next, stranger] = [made(), made()];
  const { d: __, ...nextPublicKey } = next;
  const verifier = new IdentityVerifier(JSON.stringify({ keys: [publicKey, nextPublicKey] }));
  for (const one of [key, next])
    expect(await verifier.verify(await new IdentitySigner(JSON.stringify(one)).sign(anna))).toEqual(anna);
  expect(await verifier.verify(await new IdentitySigner(JSON.stringify(stranger)).sign(anna))).toBeNull();
});
