import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLog } from '../src/log.js';
import { startTelemetry } from '../src/telemetry.js';
import { eventually, startCollector } from '../src/testing/index.js';
import { currentTrace, injectTrace, inSpan, storedTrace, traceparent, type Carrier } from '../src/trace.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = `00-${TRACE}-00f067aa0ba902b7-01`;
const log = createLog('test', 'silent');
const collectors: { stop(): void }[] = [];

/** A collector of its own for each test; the last one that was asked for gets the spans. */
async function exporting(options: { answer?: boolean } = {}) {
  const collector = await startCollector(options);
  collectors.push(collector);
  return { ...collector, end: await startTelemetry({ service: 'test', endpoint: collector.url, log }) };
}
afterAll(() => collectors.forEach((collector) => collector.stop()));

const traceOf = (from: Carrier) => inSpan('work', { from }, () => currentTrace()?.traceId);

describe('a trace without a collector', () => {
  let end: () => Promise<void>;
  beforeAll(async () => {
    end = await startTelemetry({ service: 'test', endpoint: null, log });
  });
  afterAll(() => end());

  it("goes on from the caller's header, with a span of its own", () => {
    const header = inSpan('work', { from: storedTrace(CALLER) }, traceparent);
    expect(header).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(header).not.toBe(CALLER);
  });

  it.each([
    ['nothing', undefined],
    ['text', 'not a header'],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['the forbidden version', CALLER.replace('00', 'ff')],
    ['capital letters', CALLER.toUpperCase()],
    ['two headers in one', `${CALLER}, ${CALLER}`],
  ])('starts anew when the caller sent %s', (_what, header) => {
    const traceId = traceOf(storedTrace(header));
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(traceId).not.toBe(TRACE);
  });

  it('tells its story to everything awaited, and keeps work that runs at once apart', async () => {
    const story = (id: string) =>
      inSpan('outer', { from: () => undefined, correlationId: id, requestId: id }, async () => {
        await Promise.resolve();
        return inSpan('inner', {}, async () => {
          await new Promise((done) => setImmediate(done));
          return currentTrace();
        });
      });
    const [one, other] = await Promise.all([story('one'), story('other')]);
    expect(one).toMatchObject({ correlationId: 'one', requestId: 'one' });
    expect(other).toMatchObject({ correlationId: 'other', requestId: 'other' });
    expect(one?.traceId).not.toBe(other?.traceId);
    expect(currentTrace()).toBeUndefined();
  });

  it("passes a caller's state on to the next hop, but stores one header only", () => {
    const sent: Record<string, string> = {};
    const from: Carrier = (name) => ({ traceparent: CALLER, tracestate: 'vendor=1' })[name];
    const stored = inSpan('work', { from }, () => {
      injectTrace((name, value) => (sent[name] = value));
      return traceparent();
    });
    expect(sent).toEqual({ traceparent: stored, tracestate: 'vendor=1' });
  });
});

describe('a trace with a collector', () => {
  it('arrives there with its parents, its service and its failure', async () => {
    const { spans, end } = await exporting();
    await expect(
      inSpan('outer', { from: storedTrace(CALLER) }, () =>
        inSpan('inner', {}, async () => {
          throw new TypeError('no');
        }),
      ),
    ).rejects.toThrow('no');
    await end();
    const [inner, outer] = spans;
    expect(inner).toMatchObject({ service: 'test', name: 'inner', traceId: TRACE, status: { code: 2 } });
    expect(outer).toMatchObject({ name: 'outer', traceId: TRACE, parentSpanId: '00f067aa0ba902b7' });
    expect(inner?.parentSpanId).toBe(outer?.spanId);
  });

  it.each([
    ['is not there', true],
    ['never answers', false],
  ])('that %s: the work is done and the process ends in time', async (_how, gone) => {
    const { stop, end } = await exporting({ answer: gone });
    if (gone) stop();
    for (let index = 0; index < 1_000; index++) expect(inSpan('work', {}, () => index)).toBe(index);
    let ended = false;
    void end().then(() => (ended = true));
    await eventually('the telemetry has ended', () => ended, 5_000);
  });
});
