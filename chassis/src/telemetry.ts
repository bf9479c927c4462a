import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Log } from './log.js';

/** Longest that the collector is waited for; shorter than what a process that ends may take. */
const EXPORT_TIMEOUT_MS = 2_000;

/**
 * Makes this process give ids to its work and pass them on (ADR 5). With an `endpoint` (a collector's base URL, OTLP over
 * HTTP) the spans are sent there too, in batches; a collector that is away costs spans, never a request. Answers what
 * sends the rest and ends the sending: it never throws and takes seconds at most.
 */
export async function startTelemetry(options: {
  service: string;
  endpoint: string | null;
  log: Log;
}): Promise<() => Promise<void>> {
  const { service, endpoint, log } = options;
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': service,
        'service.namespace': 'oms',
        'process.pid': process.pid,
      }),
    ),
    spanProcessors: endpoint === null ? [] : [await exporting(endpoint)],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  let told = false;
  setGlobalErrorHandler((error) => {
    if (!told) log.warn({ reason: reasonOf(error) }, 'telemetry: spans are not taken by the collector');
    told = true;
  });
  return async () => {
    await provider.shutdown().catch((error: unknown) => {
      log.warn({ reason: reasonOf(error) }, 'telemetry: the last spans were not sent');
    });
    for (const api of [trace, context, propagation]) api.disable();
  };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Loaded only when asked for: the exporter is the larger part of the library. */
async function exporting(endpoint: string): Promise<SpanProcessor> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({
      url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
      timeoutMillis: EXPORT_TIMEOUT_MS,
    }),
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
}
