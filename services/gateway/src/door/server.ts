import { createServer, STATUS_CODES, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

const STATUS: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/**
 * The HTTP server with its limits: 16 KiB and 100 fields of headers, 10 s for them, 30 s for a whole request, looked at
 * every second, so that slow writers hold nothing for long. What can't even be parsed is answered as a problem too.
 */
export function httpServer(app: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1_000,
    },
    app,
  );
  // Node would answer an expectation that it does not know with a bare 417; passing over it is as right (RFC 9110 §10.1.1).
  server.on('checkExpectation', app);
  server.maxHeadersCount = 100;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const status = STATUS[error.code ?? ''] ?? 400;
    const title = STATUS_CODES[status] ?? 'Bad Request';
    const body = JSON.stringify({
      type: '/problems/malformed_request',
      title,
      status,
      code: 'malformed_request',
    });
    socket.end(
      `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  });
  return server;
}

const DRAIN_MS = 9_000;
const LOOK_MS = 50;

/**
 * Stops taking connections, answers what is under way, and says on each answer that its connection ends: a busy client
 * would otherwise keep its own for ever, and the server with it. What is not done within nine seconds is cut off.
 */
export async function drain(server: Server): Promise<void> {
  server.prependListener('request', (_req, res) => void res.setHeader('connection', 'close'));
  const closed = new Promise<void>((done) => server.close(() => done()));
  const idle = setInterval(() => server.closeIdleConnections(), LOOK_MS);
  const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
