/** What a process without a database may use: the gateway stands on this door and loads neither ORM nor Nest. */
import type { MsgHdrs } from '@nats-io/transport-node';
import type { IncomingHttpHeaders } from 'node:http';
import { traceparent, withTrace } from './trace.js';

export { defineConfig, row, type Config, type ConfigOf, type ConfigRow } from './config.js';
export { newId } from './ids.js';
export { createLog, type Log } from './log.js';
export { connectNats } from './messaging/connect.js';
export { header } from './messaging/headers.js';
export { currentTrace, traceparent, withTrace } from './trace.js';

/** Makes the receiver of a message a child of the work that sends it. */
export function injectTrace(headers: MsgHdrs): void {
  const value = traceparent();
  if (value) headers.set('traceparent', value);
}

/** Runs the rest of an HTTP request in the caller's trace. */
export function withHttpSpan(headers: IncomingHttpHeaders, requestId: string, work: () => void): void {
  const parent = headers['traceparent'];
  withTrace({ traceparent: typeof parent === 'string' ? parent : null, requestId }, work);
}
