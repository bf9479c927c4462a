import { newId } from '@oms/chassis/edge';
import { problemOf, type ErrorCode } from '@oms/contracts';
import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What Node's parser refuses, by its error; everything else that it can not read is `malformed_request`. */
const codes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/**
 * Answers requests that never reach the application, because they are no HTTP, too large in their header fields or too slow:
 * with a problem, as every other failure, and the end of the connection, since nobody knows where the next request would begin.
 *
 * An answer that is under way on the same connection goes first: whoever shares it (a proxy) would take the problem for the
 * answer to a request that was good.
 */
export function answerBrokenHttp(server: Server): void {
  const last = new WeakMap<Socket, ServerResponse>();
  const broken = new WeakSet<Socket>();
  server.prependListener('request', (req, res) => void last.set(req.socket, res));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Every further piece of what can not be read is told again.
    if (broken.has(socket)) return;
    broken.add(socket);
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const code = codes[error.code ?? ''] ?? 'malformed_request';
    const before = last.get(socket);
    // The rest of this one is what is broken or late: it is the answer to it, or too late for one.
    if (before && !before.req.complete) {
      if (before.headersSent) return void socket.destroy();
      // For what watches it: the metrics and the span.
      before.statusCode = problemOf(code).status;
      return answer(socket, code, before.getHeader('X-Request-Id'));
    }
    if (before && !before.writableFinished) before.once('finish', () => answer(socket, code));
    else answer(socket, code);
  });
}

function answer(socket: Socket, code: ErrorCode, requestId: unknown = newId('req')): void {
  if (!socket.writable) return void socket.destroy();
  const problem = problemOf(code, { requestId });
  const body = JSON.stringify(problem);
  const lines = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${String(requestId)}`,
    'Connection: close',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
