import { createServer, type Server } from 'node:http';

/** One thing that readiness depends on. */
export interface Check {
  name: string;
  ok(): boolean | Promise<boolean>;
}

/** /livez answers as long as the event loop turns; /readyz when every check holds; /metrics for Prometheus. */
export function startHealth(options: {
  host: string;
  port: number;
  checks: readonly Check[];
  /** Why no new work is taken, as a sentence; null when it is. Still 200: reads and events go on, and no other replica has less to do. */
  pressure(): string | null;
  metrics(): Promise<string>;
}): Promise<Server> {
  const server = createServer((req, res) => {
    const send = (status: number, body: string, type = 'application/json') =>
      res.writeHead(status, { 'content-type': type }).end(body);
    void (async () => {
      if (req.url === '/livez') return send(200, '{"status":"ok"}');
      if (req.url === '/metrics') return send(200, await options.metrics(), 'text/plain; version=0.0.4');
      if (req.url !== '/readyz') return send(404, '{}');
      const checks = await Promise.all(
        options.checks.map(
          async ({ name, ok }) => [name, await Promise.resolve(ok()).catch(() => false)] as const,
        ),
      );
      const ready = checks.every(([, ok]) => ok);
      const reason = options.pressure();
      const status = !ready ? 'waiting' : reason === null ? 'ready' : 'under_pressure';
      return send(
        ready ? 200 : 503,
        JSON.stringify({
          status,
          checks: Object.fromEntries(checks),
          ...(reason === null ? {} : { reason }),
        }),
      );
    })().catch(() => send(503, '{"status":"waiting"}'));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve(server));
  });
}
