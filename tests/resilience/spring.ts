import type { Ground } from './ground.ts';
import type { Trap } from './points.ts';

/** A process that came to a trap. */
export interface Hit {
  process: string;
  pid: number;
  id: number;
}

/** Sets a trap in every replica of `role`; it springs in the first that comes there, and is taken away from the others. */
export function springFirst(
  ground: Ground,
  role: string,
  trap: Omit<Trap, 'id'>,
): { reached: Promise<Hit>; disarm(): void } {
  const traps = ground.replicasOf(role).map((process) => {
    const armed = ground.control.arm(process, trap);
    // The pid as it is then: the process may have been started again since.
    const hit = armed.reached.then(() => ({ process, pid: ground.pid(process), id: armed.id }));
    return { hit, disarm: () => armed.disarm() };
  });
  const disarm = () => {
    for (const one of traps) one.disarm();
  };
  const reached = Promise.race(traps.map(({ hit }) => hit)).then((hit) => {
    disarm();
    return hit;
  });
  return { reached, disarm };
}
