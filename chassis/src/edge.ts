/** What a process without a database may use: the gateway stands on this door and loads neither ORM nor Nest. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { inSpan, markError } from './trace.js';

export {
  brokerRows,
  defineConfig,
  otlpEndpoint,
  row,
  type Config,
  type ConfigOf,
  type ConfigRow,
} from './config.js';
export { IdentitySigner, refuseDevelopmentKeys } from './identity.js';
export { newId } from './ids.js';
export { createLog, type Log } from './log.js';
export { connectNats } from './messaging/connect.js';
export { header } from './messaging/headers.js';
export { rpcRequest } from './messaging/request.js';
export { startTelemetry } from './telemetry.js';

/** Runs the rest of an HTTP request in a span of the caller's trace; it ends with the response, and is named by the route. */
export function inHttpSpan(
  request: IncomingMessage & { route?: { path: string } },
  response: ServerResponse,
  requestId: string,
  next: () => void,
): void {
  const method = request.method ?? '';
  const options = {
    kind: 'SERVER' as const,
    attributes: { 'http.request.method': method },
    from: (name: string) => request.headers[name],
    requestId,
  };
  void inSpan(
    method,
    options,
    (span) =>
      new Promise<void>((ended) => {
        response.once('close', () => {
          const { statusCode } = response;
          span.setAttribute('http.response.status_code', statusCode);
          if (request.route) {
            span.updateName(`${method} ${request.route.path}`);
            span.setAttribute('http.route', request.route.path);
          }
          if (statusCode >= 500) markError(span, String(statusCode));
          ended();
        });
        next();
      }),
  );
}
