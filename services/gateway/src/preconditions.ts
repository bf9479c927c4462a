import { createHash } from 'node:crypto';

interface EntityTag {
  weak: boolean;
  value: string;
}

const TAG = /\s*(W\/)?(?:"([\x21\x23-\x7e]*)"|([\w.-]+))\s*(?:,|$)/gy;

/** The tags of an `If-Match` or `If-None-Match` field (RFC 9110 §8.8.3). A version without its quotes is understood too. */
const tagsOf = (field: string): EntityTag[] =>
  [...field.matchAll(TAG)].map(([, weak, quoted, bare]) => ({
    weak: weak !== undefined,
    value: quoted ?? bare ?? '',
  }));

/** A field that no version fits. */
const NONE = '-';

/**
 * The versions that a change is meant for, as services take them: a list with commas, or `*` for any. Weak tags are left out:
 * If-Match compares strongly (RFC 9110 §13.1.1).
 */
export function versionsMeant(field: string | undefined): string | undefined {
  if (field === undefined || field.trim() === '*') return field?.trim();
  const versions = tagsOf(field).filter((tag) => !tag.weak && /^\d+$/.test(tag.value));
  return versions.map((tag) => tag.value).join(',') || NONE;
}

/** The tag of an answer: its resource's version, which a change may be bound to, or else what its text hashes to. */
export const tagOf = (version: string | undefined, text: string): string =>
  version === undefined ? `W/"${createHash('sha1').update(text).digest('base64url')}"` : `"${version}"`;

/** Whether the client has this already; If-None-Match compares weakly (RFC 9110 §13.1.2). */
export function isKnown(field: string | undefined, tag: string): boolean {
  if (field === undefined) return false;
  const value = tag.replace(/^W\//, '').slice(1, -1);
  return field.trim() === '*' || tagsOf(field).some((known) => known.value === value);
}
