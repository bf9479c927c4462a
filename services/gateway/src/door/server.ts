import { createServer, type RequestListener, type Server } from 'node:http';
import { answerBrokenHttp } from './broken-http.js';

/** How long a client may take; each is a setting of the gateway. */
export interface TimeLimits {
  headersTimeoutMs: number;
  requestTimeoutMs: number;
}

/** How often Node looks for connections that are too slow: they are cut off that much later than their limit, at most. */
const LOOK_FOR_SLOW_MS = 1_000;

/**
 * The HTTP server with its limits: 16 KiB of header fields, and a time for them and for a whole request, so that slow writers
 * hold nothing for long. What can't even be parsed is answered as a problem too.
 */
export function httpServer(app: RequestListener, limits: TimeLimits): Server {
  const { requestTimeoutMs } = limits;
  const headersTimeoutMs = Math.min(limits.headersTimeoutMs, requestTimeoutMs);
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: Math.min(LOOK_FOR_SLOW_MS, headersTimeoutMs),
      // Node would answer with a bare 400; refuseMalformed asks for it, and says so as a problem.
      requireHostHeader: false,
    },
    app,
  );
  // Node would pass over the fields beyond a number without a word; refuseMalformed refuses them.
  server.maxHeadersCount = 0;
  // Node would answer an expectation that it does not know with a bare 417; passing over it is as right (RFC 9110 §10.1.1).
  server.on('checkExpectation', app);
  answerBrokenHttp(server);
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
