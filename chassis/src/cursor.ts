import { createHmac, timingSafeEqual } from 'node:crypto';
import { Refused } from './refused.js';

/** Where a page begins: what the last row before it was sorted by, and its id. */
export interface Place {
  key: string | null;
  id: string;
}

const MAC_BYTES = 16;

/**
 * Cursors of lists: opaque to clients, and signed, so that only a place that we gave out is ever looked for. The signature
 * covers what the list was asked for and who may see it: a cursor is worth nothing under other filters or to somebody else.
 */
export class Cursors {
  private readonly secret: string;

  constructor(secret: string) {
    this.secret = secret;
  }

  /** A cursor for the row after `place`. `bound` names the list, its filters, its order and the view of the caller. */
  encode(place: Place, bound: string): string {
    const payload = Buffer.from(JSON.stringify([place.key, place.id])).toString('base64url');
    return `${payload}.${this.sign(payload, bound)}`;
  }

  /** Reads a cursor back; refuses `malformed_cursor` when it is not ours, was changed, or is bound to something else. */
  decode(cursor: string, bound: string): Place {
    const [payload = '', signature = '', ...rest] = cursor.split('.');
    const given = Buffer.from(signature);
    const wanted = Buffer.from(this.sign(payload, bound));
    if (rest.length > 0 || given.length !== wanted.length || !timingSafeEqual(given, wanted))
      throw new Refused('malformed_cursor');
    const [key, id] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string | null, string];
    return { key, id };
  }

  private sign(payload: string, bound: string): string {
    const mac = createHmac('sha256', this.secret).update(`${bound}\n${payload}`).digest();
    return mac.subarray(0, MAC_BYTES).toString('base64url');
  }
}
