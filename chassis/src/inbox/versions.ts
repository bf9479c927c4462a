import { currentVersion, upcasters, type Upcasters } from '@oms/contracts';

/** Which versions of an event can be read, and how. */
export interface Versions {
  current(type: string): number;
  upcasters: Upcasters;
}

/** As the contracts say. */
export const published: Versions = { current: currentVersion, upcasters };

/** Whether a version is the current one, or an older one with a way up to it. A newer one is never guessed at. */
export function isReadable(versions: Versions, type: string, version: number): boolean {
  const current = versions.current(type);
  if (version > current) return false;
  for (let step = version; step < current; step++) if (!versions.upcasters[type]?.[step]) return false;
  return true;
}

/**
 * The payload as the current version would have said it. Done when it is handled, not when it is stored: a row that waited
 * over a deployment is read by the release that handles it.
 */
export function upcast(versions: Versions, type: string, version: number, payload: object): object {
  let read = payload;
  for (let step = version; step < versions.current(type); step++) {
    const up = versions.upcasters[type]?.[step];
    if (!up) throw new Error(`version ${step} of ${type} can not be read any more`);
    read = up(read);
  }
  return read;
}

/** `payment.captured.v2` is version 2; a row without the header was stored by the first release. */
export const versionIn = (headers: Readonly<Record<string, string>>): number =>
  Number(/\.v(\d+)$/.exec(headers['ce-type'] ?? '')?.[1] ?? 1);
