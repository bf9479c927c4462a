import { pino, type Logger } from 'pino';
import { currentTrace } from './trace.js';

export type Log = Logger;

/** JSON lines with the trace, the correlation and the request they belong to. Secrets are cut out wherever they stand. */
export const createLog = (service: string, level = 'info'): Log =>
  pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['token', '*.token', 'authorization', '*.authorization', 'password', '*.password'],
      censor: '[cut]',
    },
    mixin: () => {
      const trace = currentTrace();
      return trace
        ? {
            traceId: trace.traceId,
            correlationId: trace.correlationId,
            ...(trace.requestId ? { requestId: trace.requestId } : {}),
          }
        : {};
    },
  });
