import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from './problem.js';

/** A page of a list as its service answers it. */
export interface Page {
  data: object[];
  nextCursor: string | null;
}
type Ask = (cursor: string | undefined) => Promise<Page>;

const TRIES = 6;
const FIRST_WAIT_MS = 200;
const PASSING = new Set(['service_unavailable', 'service_timeout', 'overloaded']);

/** Asks again while the service is away: a page is a read, and a stream that has begun can't be answered otherwise. */
async function patiently(ask: Ask, cursor: string): Promise<Page> {
  for (let tried = 1, waitMs = FIRST_WAIT_MS; ; tried += 1, waitMs *= 2) {
    try {
      return await ask(cursor);
    } catch (error) {
      if (tried === TRIES || !(error instanceof Problem) || !PASSING.has(error.code)) throw error;
      await new Promise((done) => setTimeout(done, waitMs));
    }
  }
}

async function* lines(first: Page, ask: Ask): AsyncGenerator<string> {
  for (let page = first; ; page = await patiently(ask, page.nextCursor)) {
    if (page.data.length > 0) yield page.data.map((one) => `${JSON.stringify(one)}\n`).join('');
    if (page.nextCursor === null) return;
  }
}

/**
 * A whole list as lines of JSON: its pages, one after the other, the next one asked for when the client has taken the last, so
 * that memory is that of two pages whatever the list's length. A failure before the first line is a problem as ever;
 * after it the connection is broken off, so that nobody takes a part for the whole. A client that goes away ends the reading.
 */
export async function streamList(res: Response, ask: Ask): Promise<void> {
  const first = await ask(undefined);
  res.status(200).type('application/x-ndjson');
  if (res.req.method === 'HEAD') return void res.end();
  const source = Readable.from(lines(first, ask), { objectMode: true, highWaterMark: 1 });
  await pipeline(source, res).catch(() => res.destroy());
}
