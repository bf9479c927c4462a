/** A place in a process's work at which a fault can strike, exactly. */
export type Point =
  | 'before commit'
  | 'after commit'
  | 'before publish'
  | 'after publish'
  | 'before mark'
  | 'after mark'
  | 'before store'
  | 'before ack'
  | 'after ack'
  | 'before claim'
  | 'after claim'
  | 'before provider'
  | 'after provider'
  | 'before effect'
  | 'after effect'
  | 'before answer'
  | 'after answer';

/** What the process does when it comes there. `kill`, `freeze` and `terminate` are signals to itself; `hold` waits until told to go on. */
export type Strike = 'kill' | 'terminate' | 'freeze' | 'fail' | 'repeat' | 'hold';

/** Strikes when `point` is reached for the `nth` time while what the process works on contains `during`. */
export interface Trap {
  id: number;
  point: Point;
  /** Part of the name of the work: `handle payment.captured`, `publish order.placed`, `order.create`, `refund`. */
  during: string;
  nth: number;
  strike: Strike;
}

/** Lines that go over the wire between a process and the bench. */
export type ToProcess = { arm: Trap } | { disarm: number } | { go: number };
export type ToBench = { hello: string } | { reached: number; during: string };
