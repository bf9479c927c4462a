import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { same, section } from '../sentence.ts';
import type { World } from '../world.ts';

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What a token of the issuer says, under another header and signature. */
async function resigned(w: World, header: object, sign: (text: string) => string): Promise<string> {
  const [head = '', payload = ''] = (await w.token('admin')).split('.');
  const own = JSON.parse(Buffer.from(head, 'base64url').toString()) as object;
  const text = `${encoded({ ...own, ...header })}.${payload}`;
  return `${text}.${sign(text)}`;
}

const asked = async (w: World, headers: Record<string, string>): Promise<number> =>
  (await fetch(`${w.url}/api/v1/orders?limit=1`, { headers })).status;

/** How many ms the server bears with a client that never ends its headers. */
const patience = (url: string): Promise<number> =>
  new Promise((done) => {
    const { hostname, port } = new URL(url);
    const from = performance.now();
    const socket = connect(Number(port), hostname, () =>
      socket.write('GET /api/v1/orders HTTP/1.1\r\nhost: x\r\n'),
    );
    const drip = setInterval(() => socket.write('x-a: b\r\n'), 500);
    socket.resume();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearInterval(drip);
      done(performance.now() - from);
    });
  });

export const door = section('The door', {
  'a token without a signature is refused': async (w) => {
    same(await asked(w, { authorization: `Bearer ${await resigned(w, { alg: 'none' }, () => '')}` }), 401);
  },
  'a token signed with a shared secret is refused, whatever the secret': async (w) => {
    const token = await resigned(w, { alg: 'HS256' }, (text) =>
      createHmac('sha256', 'secret').update(text).digest('base64url'),
    );
    same(await asked(w, { authorization: `Bearer ${token}` }), 401);
  },
  'a token that was changed by a letter is refused': async (w) => {
    const token = await w.token('customer');
    const [head, payload = '', signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const raised = `${head}.${encoded({ ...claims, role: 'admin' })}.${signature}`;
    same(await asked(w, { authorization: `Bearer ${raised}` }), 401);
  },
  'an API key is shown once, has its scopes only, and ends when it is revoked': async (w) => {
    const made = await w.admin.createApiKey({ name: 'walker', scopes: ['returns:read'] });
    const key = { 'x-api-key': made.key };
    const write = await fetch(`${w.url}/api/v1/orders?limit=1`, { headers: key });
    same([write.status, write.headers.get('www-authenticate')?.includes('scope="orders:read"')], [403, true]);
    same(JSON.stringify(await w.admin.listApiKeys()).includes(made.key), false);
    same((await w.admin.revokeApiKey(made.id)).revokedAt !== null, true);
  },
  'a token and a key at once are refused': async (w) => {
    const authorization = `Bearer ${await w.token('staff')}`;
    same(await asked(w, { authorization, 'x-api-key': `oms_${'A'.repeat(43)}` }), 401);
  },
  'no page of another origin may read an answer, and nothing tells what it runs on': async (w) => {
    const { headers } = await w.raw('GET', '/orders?limit=1', {
      headers: { origin: 'https://evil.example' },
    });
    same([headers.get('access-control-allow-origin'), headers.get('x-powered-by')], [null, null]);
    same(headers.get('x-content-type-options'), 'nosniff');
  },
  'a client that never ends its headers is cut off': async (w) => {
    const ms = await patience(w.url);
    same(ms < 30_000, true);
  },
});
