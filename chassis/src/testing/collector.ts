import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test reads of one span, as OTLP's JSON brings it. */
export interface CollectedSpan {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status?: { code?: number };
}

interface Batch {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: Omit<CollectedSpan, 'service'>[] }[];
  }[];
}

/** A collector of spans on loopback. `answer` false: takes the connection and never says a word, as a frozen one does. */
export async function startCollector(
  options: { answer?: boolean } = {},
): Promise<{ url: string; spans: CollectedSpan[]; stop(): void }> {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, response) => {
    if (options.answer === false) return;
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      for (const { resource, scopeSpans } of (JSON.parse(Buffer.concat(parts).toString()) as Batch)
        .resourceSpans) {
        const service =
          resource.attributes.find((one) => one.key === 'service.name')?.value.stringValue ?? '';
        for (const scope of scopeSpans) spans.push(...scope.spans.map((span) => ({ ...span, service })));
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
