/**
 * How every process of ours is run (ADR 9 has the measurements), here and in deploy/docker/Dockerfile; a test holds the two
 * together.
 */
export const nodeFlags = ['--no-warnings', '--max-semi-space-size=4'] as const;
/** By default each of Node's threads has an arena of malloc's own: 6 MiB a process. */
export const leanMalloc = { MALLOC_ARENA_MAX: '2' } as const;
