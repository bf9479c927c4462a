import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type TextMapGetter,
  type TextMapSetter,
} from '@opentelemetry/api';

/** What one piece of work is a part of: the W3C trace, and the story it belongs to. */
export interface TraceContext {
  traceId: string;
  correlationId: string;
  requestId: string | null;
}

/** Reads one header of what came in, by its name in small letters. */
export type Carrier = (name: string) => string | string[] | undefined;

export interface SpanOptions {
  /** Internal when not given. */
  kind?: keyof typeof SpanKind;
  attributes?: Attributes;
  /** The work came from outside: the span is the child of what the headers say, or a new trace when they say nothing valid. */
  from?: Carrier;
  /** The story of work from outside; its trace id when nobody knows better. Work inside a span keeps that span's. */
  correlationId?: string | null | undefined;
  requestId?: string | null;
}

const STORY = createContextKey('oms story');
const getter: TextMapGetter<Carrier> = { keys: () => [], get: (carrier, name) => carrier(name) };
const setter: TextMapSetter<(name: string, value: string) => void> = {
  set: (carrier, name, value) => carrier(name, value),
};

/** The trace of the work that runs now, if any. */
export function currentTrace(): TraceContext | undefined {
  return context.active().getValue(STORY) as TraceContext | undefined;
}

/** Tells `set` each header (W3C Trace Context) that makes the next hop a child of the span that runs now. */
export function injectTrace(set: (name: string, value: string) => void): void {
  propagation.inject(context.active(), set, setter);
}

/**
 * The one header of them that is stored with what is to be done later. A caller's `tracestate` goes with requests, but
 * is not written into facts that stay.
 */
export function traceparent(): string | null {
  let found: string | null = null;
  injectTrace((name, value) => {
    if (name === 'traceparent') found = value;
  });
  return found;
}

/** The carrier of a `traceparent` that was stored. */
export const storedTrace =
  (stored: string | null | undefined): Carrier =>
  (name) =>
    name === 'traceparent' ? (stored ?? undefined) : undefined;

/** The trace that a stored `traceparent` belongs to. */
export const traceIdOf = (stored: string | null | undefined): string | null => stored?.split('-')[1] ?? null;

function failed(span: Span, error: unknown): void {
  const { name, message } = error instanceof Error ? error : { name: 'unknown', message: String(error) };
  span.setAttribute('error.type', name);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Says in the span that runs now how the work ended that did not throw: an error code that was answered. */
export function markError(span: Span, code: string): void {
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/**
 * Runs `work` in a span of its own and answers what it answers. The span ends when `work` has, and says so when it threw.
 * Everything that `work` awaits finds the span by `currentTrace`, `traceparent` and `injectTrace`.
 */
export function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => T): T {
  const parent = options.from ? propagation.extract(ROOT_CONTEXT, options.from, getter) : context.active();
  const span = trace.getTracer('oms').startSpan(
    name,
    {
      kind: SpanKind[options.kind ?? 'INTERNAL'],
      ...(options.attributes ? { attributes: options.attributes } : {}),
    },
    parent,
  );
  const { traceId } = span.spanContext();
  const story: TraceContext = (parent.getValue(STORY) as TraceContext | undefined) ?? {
    traceId,
    correlationId: options.correlationId ?? traceId,
    requestId: options.requestId ?? null,
  };
  return context.with(trace.setSpan(parent, span).setValue(STORY, story), () => {
    try {
      const result = work(span);
      if (!(result instanceof Promise)) {
        span.end();
        return result;
      }
      return result.then(
        (value: unknown) => {
          span.end();
          return value;
        },
        (error: unknown) => {
          failed(span, error);
          span.end();
          throw error;
        },
      ) as T;
    } catch (error) {
      failed(span, error);
      span.end();
      throw error;
    }
  });
}
