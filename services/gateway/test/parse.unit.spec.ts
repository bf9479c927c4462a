import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openDoor, type Door } from './open-door.js';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

interface Told {
  status: number;
  code?: string;
  errors?: { path: string; message: string }[];
}
const told = async (answer: Response): Promise<Told> => {
  const { code, errors } = (await answer.json()) as Told;
  return { status: answer.status, ...(code ? { code } : {}), ...(errors ? { errors } : {}) };
};
const listed = async (query: string) => told(await door.fetch(`/api/v1/orders?${query}`));
const posted = async (path: string, body: string) =>
  told(
    await door.fetch(`/api/v1${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    }),
  );
const refusal = (path: string, message: unknown): Told => ({
  status: 400,
  code: 'validation_failed',
  errors: [{ path, message: message as string }],
});

it.each(['abc', '0', '201', '-1', '0x10', '1e2', '%201%20', '+5', '1.5', ''])(
  'limit=%s is refused as no whole number from 1 to 200',
  async (limit) => {
    expect(await listed(`limit=${limit}`)).toEqual(refusal('limit', 'must be a whole number from 1 to 200'));
  },
);

it.each(['1', '200', '007'])('limit=%s is a number', async (limit) => {
  expect((await listed(`limit=${limit}`)).status).toBe(200);
});

it('a filter is named as it was given, and by its place only where it was given more than once', async () => {
  const bogus = expect.stringContaining('"pending"');
  expect(await listed('status=bogus')).toEqual(refusal('status', bogus));
  expect(await listed('status=pending&status=bogus')).toEqual(refusal('status.1', bogus));
  expect(await listed('limit=1&limit=2')).toEqual(refusal('limit', 'must be given once'));
  expect(await listed('email=a&email=b')).toEqual(refusal('email', 'must be given once'));
});

it.each(['"x"', '7', 'true', 'null', '[]', '[{}]'])('a body of %s is JSON, and no object', async (body) => {
  for (const path of ['/orders', '/payments/pay_01jd3z6q8kf5v9c2x7m4t0b1ha/void', '/webhooks'])
    expect(await posted(path, body)).toEqual(refusal('', 'must be a JSON object'));
});

it.each(['{', '{"a":1', 'x', "{'a':1}"])('a body of %s is no JSON', async (body) => {
  expect(await posted('/orders', body)).toMatchObject({ status: 400, code: 'malformed_body' });
});

it('a call without a body takes none, and an empty object', async () => {
  const path = '/notifications/msg_01jd3z6q8kf5v9c2x7m4t0b1ha/resend';
  expect((await posted(path, '{}')).status).toBe(200);
  expect(await posted(path, '{"a":1}')).toEqual(refusal('a', 'unknown field'));
});
