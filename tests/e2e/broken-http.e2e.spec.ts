import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isErrorCode } from '@oms/contracts';
import { connect, type Socket } from 'node:net';
import type { Shop } from './shop.ts';
import { openShop } from './stack.ts';

/** Short, so that a test can wait for them; far more than an honest request on a busy machine takes. */
const HEADERS_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 4_000;

let shop: Shop;
let token: string;
let close: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ shop, close } = await openShop({
    env: { HEADERS_TIMEOUT_MS: String(HEADERS_TIMEOUT_MS), REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS) },
  }));
  token = await shop.token();
});
afterAll(() => close?.());

const healthy = async () => (await fetch(`${shop.url}/livez`)).status === 200;

interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The answers in `text`, one after the other as a client with a Content-Length reads them. */
function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n');
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => line.toLowerCase().split(/: (.*)/, 2)));
    const from = end + 4;
    const to = from + Number(headers['content-length'] ?? 0);
    answers.push({ status: Number(first.split(' ')[1]), headers, body: rest.slice(from, to) });
    rest = rest.slice(to);
  }
  return answers;
}

/** What came back on one connection until the server closed it, for whatever `speak` says on it. */
const said = (speak: (socket: Socket) => void): Promise<RawAnswer[]> =>
  new Promise((done) => {
    const { hostname, port } = new URL(shop.url);
    let text = '';
    const socket = connect(Number(port), hostname, () => speak(socket));
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (text += String(chunk)));
    // A server that closes while we still send resets the connection; what it said before that counts.
    socket.on('error', () => {});
    socket.on('close', () => done(answersIn(text)));
  });
const saidTo = (text: string) => said((socket) => socket.write(text));

function expectProblem(answer: RawAnswer | undefined, status: number, code: string): void {
  expect(isErrorCode(code)).toBe(true);
  const problem = JSON.parse(answer?.body ?? '{}') as Record<string, unknown>;
  expect({ ...problem, title: typeof problem['title'] }).toMatchObject({
    type: `/problems/${code}`,
    title: 'string',
    status,
    code,
    requestId: answer?.headers['x-request-id'],
  });
  expect(answer?.status).toBe(status);
  expect(answer?.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer?.headers['x-request-id']).toMatch(/^req_/);
}

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;
const authorized = () => `authorization: Bearer ${token}`;
const post = (...lines: string[]) =>
  head(
    'POST /api/v1/orders HTTP/1.1',
    'host: x',
    authorized(),
    'content-type: application/json',
    `idempotency-key: ${Math.random()}`,
    ...lines,
  );

describe('what can not be read as HTTP is a problem like every other, and ends the connection', () => {
  const get = 'GET /api/v1/orders HTTP/1.1';
  it.each([
    ['another protocol', 'HELO mail\r\n\r\n'],
    ['the first bytes of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a method that is none', head('GE(T /livez HTTP/1.1', 'host: x')],
    ['a field without a colon', head(get, 'host: x', 'nonsense')],
    ['a space before the colon', head(get, 'host : x')],
    ['a NUL in a field', head(get, 'host: x', 'x-a: b\0c')],
    ['a lone CR in a field', head(get, 'host: x', 'x-a: b\rc: d')],
    ['no Host', head(get)],
    ['two Hosts', head(get, 'host: x', 'host: y')],
  ])('%s', async (_, text) => {
    const [answer, ...more] = await saidTo(text);
    expectProblem(answer, 400, 'malformed_request');
    expect(answer?.headers['connection']).toBe('close');
    expect(more).toEqual([]);
  });

  it.each([
    ['one field of 20 KB', `x-big: ${'y'.repeat(20_000)}`],
    ['a path of 20 KB', undefined],
    ['a hundred fields and more', Array.from({ length: 101 }, (_, index) => `x-${index}: y`).join('\r\n')],
  ])('%s is 431', async (_, field) => {
    const path = field === undefined ? `/api/v1/${'y'.repeat(20_000)}` : '/api/v1/orders';
    const [answer] = await saidTo(head(`GET ${path} HTTP/1.1`, 'host: x', field ?? 'x-small: y'));
    expectProblem(answer, 431, 'headers_too_large');
    expect(answer?.headers['connection']).toBe('close');
  });
});

describe('a request that two readers could end in two places is refused, and what it hides is not run', () => {
  const hidden = head('GET /livez HTTP/1.1', 'host: x');
  it.each([
    [
      'Content-Length and Transfer-Encoding',
      ['content-length: 5', 'transfer-encoding: chunked'],
      '0\r\n\r\n',
    ],
    [
      'Transfer-Encoding and Content-Length',
      ['transfer-encoding: chunked', 'content-length: 5'],
      '0\r\n\r\n',
    ],
    ['two Content-Lengths', ['content-length: 2', 'content-length: 40'], '{}'],
    ['a list of Content-Lengths', ['content-length: 2, 2'], '{}'],
    ['a Content-Length with a sign', ['content-length: +2'], '{}'],
    ['a Content-Length that is none', ['content-length: 0x2'], '{}'],
    ['a coding after chunked', ['transfer-encoding: chunked, identity'], '0\r\n\r\n'],
    ['a coding that is nearly chunked', ['transfer-encoding: xchunked'], '0\r\n\r\n'],
    ['Transfer-Encoding behind a space', ['transfer-encoding : chunked'], '0\r\n\r\n'],
    ['Transfer-Encoding on a folded line', ['x-a: b', ' transfer-encoding: chunked'], '0\r\n\r\n'],
    ['a chunk whose size is none', ['transfer-encoding: chunked'], '2x\r\n{}\r\n0\r\n\r\n'],
    ['a chunk that goes on after its size', ['transfer-encoding: chunked'], '2\r\n{} \r\n0\r\n\r\n'],
  ])('%s', async (_, lines, body) => {
    const answers = await saidTo(post(...lines) + body + hidden);
    expect(answers).toHaveLength(1);
    expectProblem(answers[0], 400, 'malformed_request');
    expect(answers[0]?.headers['connection']).toBe('close');
  });

  it('what follows a good request is no answer to it: the good one is answered first', async () => {
    const order = JSON.stringify(shop.body());
    const [first, second, ...more] = await saidTo(
      `${post(`content-length: ${Buffer.byteLength(order)}`)}${order}GARBAGE\r\n\r\n`,
    );
    expect(first?.status).toBe(201);
    expect((JSON.parse(first?.body ?? '{}') as { id: string }).id).toMatch(/^ord_/);
    expectProblem(second, 400, 'malformed_request');
    expect(more).toEqual([]);
  });
});

describe('a client that is slow holds nothing for long, and health answers meanwhile', () => {
  /** Sends `text` and then one byte after the other, as slowly as the connection lives. */
  const drip = (text: string, byte: string) =>
    said((socket) => {
      socket.write(text);
      const drops = setInterval(() => socket.write(byte), 100);
      socket.once('close', () => clearInterval(drops));
    });

  it('header fields that come byte by byte are cut off with 408, a hundred connections of them', async () => {
    const slow = Array.from({ length: 100 }, () =>
      drip('GET /api/v1/orders HTTP/1.1\r\nhost: x\r\nx-a: ', 'y'),
    );
    expect(await healthy()).toBe(true);
    expect((await shop.place()).id).toMatch(/^ord_/);
    for (const [answer] of await Promise.all(slow)) expectProblem(answer, 408, 'request_timeout');
    expect(await healthy()).toBe(true);
  });

  it('a body that comes byte by byte is cut off with 408, and nothing of it is done', async () => {
    const [answer, ...more] = await drip(post('content-length: 100000'), ' ');
    expectProblem(answer, 408, 'request_timeout');
    expect(more).toEqual([]);
  });

  it('a connection on which nothing is said is closed', async () => {
    const [answer] = await said(() => {});
    expectProblem(answer, 408, 'request_timeout');
  });

  it('a second request that comes too slowly is cut off too', async () => {
    const [first, second] = await drip(
      `${head('GET /livez HTTP/1.1', 'host: x')}GET /livez HTTP/1.1\r\nx-a: `,
      'y',
    );
    expect(first?.status).toBe(200);
    expectProblem(second, 408, 'request_timeout');
  });
});

describe('a body of more than 1 MiB is 413', () => {
  const large = 2 ** 20 + 1;
  /** In one write: a second one, to a server that has answered and closed by then, would end the socket with the answer unread. */
  const atOnce = (head: string, body: Buffer) => Buffer.concat([Buffer.from(head), body]);
  it('as soon as its Content-Length says so', async () => {
    const [answer] = await said((socket) => {
      socket.write(atOnce(post(`content-length: ${large}`, 'connection: close'), Buffer.alloc(large, 0x20)));
    });
    expectProblem(answer, 413, 'body_too_large');
  });

  it('as soon as it is, where nothing says so', async () => {
    const [answer] = await said((socket) => {
      const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
      const chunks = chunk.repeat(Math.ceil(large / 0x10000));
      socket.write(
        atOnce(post('transfer-encoding: chunked', 'connection: close'), Buffer.from(`${chunks}0\r\n\r\n`)),
      );
    });
    expectProblem(answer, 413, 'body_too_large');
  });

  it('and one of just 1 MiB is read', async () => {
    const [answer] = await said((socket) => {
      socket.write(post(`content-length: ${2 ** 20}`, 'connection: close'));
      socket.write(Buffer.alloc(2 ** 20, 0x20));
    });
    expect(answer?.status).toBe(400);
    expect(answer?.body).toContain('malformed_body');
  });
});
