import { events, isEventName } from './events.js';

/** Makes of a payload of one major version what the next one would have said. Pure; what the old one did not know, it says plainly. */
export type Upcast = (payload: any) => object;

/** By event, and by the version that is read: `{ 'order.placed': { 1: (placed) => ({ …placed, … }) } }`. */
export type Upcasters = Readonly<Record<string, Readonly<Record<number, Upcast>>>>;

/**
 * How older major versions are read. Handlers know the current one only; a version leaves this table when no stream and no
 * inbox can hold it any more. Every event is in its first version so far.
 */
export const upcasters: Upcasters = {};

/** The major version in which an event is published now. */
export const currentVersion = (name: string): number => (isEventName(name) ? events[name].version : 1);
