export * from './calls.js';
export type { CallOptions, WriteOptions, Answer, OmsClientOptions } from './transport.js';
export { OmsProblem, OmsUnreachable, type InvalidField } from './problem.js';
export type { CloudEvent, EventMessage } from './event-stream.js';
export { Listing, type Page } from './listing.js';
export { until } from './until.js';
