import { describe, expect, it } from '@jest/globals';
import type { FanOut } from '@oms/contracts';
import fc from 'fast-check';
import { answerOfFirst, answerOfSeveral } from '../src/fan-out.js';
import { Problem } from '../src/problem.js';

const subjects = ['rpc.one.list', 'rpc.two.list', 'rpc.three.list'] as const;
const oldest: FanOut = { subjects, by: 'at', first: 'oldest' };
const newest: FanOut = { subjects, by: 'at', first: 'newest', paged: true };

interface Line extends Record<string, unknown> {
  at: string;
  id: string;
}
const lines = (part: number, times: readonly number[]): Line[] =>
  times.map((time, index) => ({ at: String(time).padStart(6, '0'), id: `${part}-${index}` }));

/** A service that keeps a sorted list and gives it out by pages; its cursor is the number of lines before it. */
const service =
  (parts: readonly Line[][]) =>
  (subject: string, query: object): Promise<{ body: unknown; version: undefined; replayed: false }> => {
    const own = parts[subjects.indexOf(subject as never)] ?? [];
    const { limit, cursor } = query as { limit?: number; cursor?: string };
    const from = cursor === undefined ? 0 : Number(cursor);
    const data = own.slice(from, limit === undefined ? undefined : from + limit);
    const cursors = data.map((_, index) => String(from + index + 1));
    const nextCursor = from + data.length < own.length ? cursors.at(-1) : null;
    return Promise.resolve({ body: { data, cursors, nextCursor }, version: undefined, replayed: false });
  };

describe('a list of several services', () => {
  it('is in the sequence asked, and lines that are equal keep the sequence of the services', async () => {
    const parts = [lines(0, [1, 5, 5]), lines(1, [2, 5]), lines(2, [])];
    const { body } = await answerOfSeveral(oldest, {}, service(parts));
    expect((body as { data: Line[] }).data.map((line) => line.id)).toEqual([
      '0-0',
      '1-0',
      '0-1',
      '0-2',
      '1-1',
    ]);
  });

  it('read page by page is the same list, each line once, whatever the parts and the limit', async () => {
    const times = fc.array(fc.nat(30), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(times, times, times), fc.integer({ min: 1, max: 9 }), async (all, limit) => {
        const parts = all.map((own, part) =>
          lines(
            part,
            [...own].sort((a, b) => b - a),
          ),
        );
        const whole = await answerOfSeveral(newest, { limit: 200 }, service(parts));
        const read: Line[] = [];
        let cursor: string | undefined;
        do {
          const { body } = await answerOfSeveral(
            newest,
            { limit, ...(cursor ? { cursor } : {}) },
            service(parts),
          );
          const page = body as { data: Line[]; nextCursor: string | null };
          expect(page.data.length).toBeLessThanOrEqual(limit);
          read.push(...page.data);
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(read).toEqual((whole.body as { data: Line[] }).data);
        expect(read).toHaveLength(parts.flat().length);
      }),
    );
  });

  it.each([
    '',
    'nonsense',
    Buffer.from('[null]').toString('base64url'),
    Buffer.from('[1,2,3]').toString('base64url'),
  ])('refuses the cursor %j', async (cursor) => {
    const asked = answerOfSeveral(newest, { limit: 1, cursor }, service([[], [], []]));
    await expect(asked).rejects.toMatchObject({ code: 'malformed_cursor' });
  });

  it('is not given without one of its parts, and the owner’s refusal is told before another’s silence', async () => {
    const failing =
      (codes: Record<string, 'not_found' | 'service_unavailable'>) =>
      (subject: string, query: object): ReturnType<ReturnType<typeof service>> => {
        const code = codes[subject];
        return code ? Promise.reject(new Problem(code)) : service([[], [], []])(subject, query);
      };
    await expect(
      answerOfSeveral(oldest, {}, failing({ 'rpc.two.list': 'service_unavailable' })),
    ).rejects.toMatchObject({ code: 'service_unavailable' });
    await expect(
      answerOfSeveral(
        oldest,
        {},
        failing({ 'rpc.two.list': 'service_unavailable', 'rpc.one.list': 'not_found' }),
      ),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a thing that one of several services has', () => {
  const answer = { body: { id: 'x' }, version: undefined, replayed: false };
  const replies =
    (...codes: (Problem['code'] | 'yes')[]) =>
    async (subject: string) => {
      const code = codes[subjects.indexOf(subject as never)];
      if (code === undefined || code === 'yes') return answer;
      throw new Problem(code);
    };

  it('is answered by its owner, whoever else does not know it or does not answer', async () => {
    expect(await answerOfFirst(subjects, replies('not_found', 'yes'))).toBe(answer);
    expect(await answerOfFirst(subjects, replies('service_unavailable', 'yes'))).toBe(answer);
  });

  it('is not there only when all say so; a silence may have been its owner', async () => {
    const ending = (...codes: Problem['code'][]) =>
      answerOfFirst(subjects, replies(...codes)).catch((error: Problem) => error.code);
    expect(await ending('not_found', 'not_found', 'not_found')).toBe('not_found');
    expect(await ending('not_found', 'service_timeout', 'not_found')).toBe('service_timeout');
    expect(await ending('forbidden', 'not_found', 'not_found')).toBe('forbidden');
  });
});
