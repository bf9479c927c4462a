import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the gateway tells Prometheus: its requests by call and status, and the process itself. */
export function httpMetrics(openStreams: () => number): { observe: RequestHandler; expose: RequestHandler } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'oms_http_request_duration_seconds',
    help: 'Time until the answer was sent',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const underWay = new Gauge({
    name: 'oms_http_requests_under_way',
    help: 'Requests not answered yet',
    registers: [registry],
  });
  new Gauge({
    name: 'oms_event_streams',
    help: 'Open streams of events',
    registers: [registry],
    collect() {
      this.set(openStreams());
    },
  });
  return {
    observe: (req, res, next) => {
      const from = performance.now();
      underWay.inc();
      res.once('close', () => {
        underWay.dec();
        // The pattern, never the path: ids would make a series each.
        const route = (req.route as { path?: string } | undefined)?.path ?? 'none';
        duration.observe(
          { method: req.method, route, status: String(res.statusCode) },
          (performance.now() - from) / 1000,
        );
      });
      next();
    },
    expose: async (_req, res) => {
      res.type(registry.contentType).send(await registry.metrics());
    },
  };
}
