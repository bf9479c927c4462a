/** Consumers can be paused since nats-server 2.11 (ADR-42 of its design); everything else here works with 2.10. */
const SINCE_MINOR = 11;

/** Why a server of this version pauses nobody, and what to do instead; null where it does. */
export function whyNotPaused(version: string): string | null {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version) ?? [];
  if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= SINCE_MINOR)) return null;
  return `pausing needs nats-server 2.${SINCE_MINOR} or newer, and this one is ${version || 'unknown'}: stop the subscriber's process instead, what comes meanwhile waits for it`;
}
