import type { idPrefixes, IdKind } from '@oms/contracts';
import { TypeID, typeid } from 'typeid-js';

export type IdPrefix = (typeof idPrefixes)[IdKind];

/** A UUIDv7 begins with the milliseconds since 1970, big-endian. */
const TIME_BYTES = 6;
const LATEST_MS = 2 ** 48 - 1;

function setTime(bytes: Uint8Array, at: Date): Uint8Array {
  let rest = Math.min(Math.max(at.getTime(), 0), LATEST_MS);
  for (let index = TIME_BYTES - 1; index >= 0; index -= 1) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/**
 * A new TypeID: `prefix`, an underscore and a UUIDv7 in base32, so that ids of one kind sort by their birth. `at` says
 * when that was; left out, it is now.
 */
export function newId(prefix: string, at?: Date): string {
  const id = typeid(prefix);
  return at ? TypeID.fromUUIDBytes(prefix, setTime(id.toUUIDBytes(), at)).toString() : id.toString();
}

/** The smallest id that could have been born at `at`: where a range of time begins or ends among ids. */
export const firstIdAt = (prefix: IdPrefix, at: Date): string =>
  TypeID.fromUUIDBytes(prefix, setTime(new Uint8Array(16), at)).toString();
