import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { openTelemetry } from '../../src/observe/open-telemetry.ts';
import { openTracing } from '../../src/observe/open-tracing.ts';
import { KeepingExporter } from './keeping-exporter.ts';

const on = { enabled: true, headers: {}, serviceName: 'gate', sampleRatio: 1 };
const noSnapshot = () => ({ sessions: 0, upstreams: [] });
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

describe('tracing', () => {
  test('is off by default: no span, and nothing laid over the trace context of the client', async () => {
    const telemetry = await openTelemetry(
      { metrics: false, tracing: { ...on, enabled: false }, audit: {}, logRotation: { maxBytes: 1, keep: 0 } },
      { snapshot: noSnapshot, logger: silentLogger },
    );
    const request = telemetry.begin({ principal: 'x', method: 'tools/call', trace: { traceparent: PARENT } });
    expect(request.trace).toBeUndefined();
    await telemetry.close();
  });

  test("hangs below the client's span, and the upstream's below its own", async () => {
    const exporter = new KeepingExporter();
    const tracing = openTracing(on, exporter);
    const span = tracing.start(
      'tools/call echo',
      { 'mcp.method.name': 'tools/call' },
      { traceparent: PARENT, tracestate: 'a=b' },
    );
    expect(span.context?.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(span.context?.traceparent).not.toBe(PARENT);
    expect(span.context?.tracestate).toBe('a=b');
    span.end({ 'lockgate.verdict': 'failed' }, 'GATEWAY_DEADLINE');
    await tracing.close();
    const [sent] = exporter.kept;
    expect(sent).toMatchObject({
      name: 'tools/call echo',
      parentSpanContext: { spanId: 'b7ad6b7169203331', traceId: TRACE },
      attributes: { 'mcp.method.name': 'tools/call', 'lockgate.verdict': 'failed' },
      status: { message: 'GATEWAY_DEADLINE' },
    });
    expect(sent?.resource.attributes).toMatchObject({ 'service.name': 'gate' });
  });

  test('starts a trace where the client has none, or an unreadable one', async () => {
    const tracing = openTracing(on, new KeepingExporter());
    for (const client of [undefined, { traceparent: '' }, { traceparent: 'garbage', tracestate: 'a=b' }]) {
      expect(tracing.start('x', {}, client).context?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    }
    await tracing.close();
  });

  test('follows the decision of the client, and keeps only its share of new traces', async () => {
    const exporter = new KeepingExporter();
    const tracing = openTracing({ ...on, sampleRatio: 0 }, exporter);
    tracing.start('kept', {}, { traceparent: PARENT }).end({});
    tracing.start('dropped', {}, undefined).end({});
    await tracing.close();
    expect(exporter.kept.map(({ name }) => name)).toEqual(['kept']);
  });
});
