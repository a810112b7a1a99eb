import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../src/observe/audit.ts';
import { openMetrics } from '../../src/observe/metrics.ts';
import { openTracing } from '../../src/observe/open-tracing.ts';
import { sessionTag } from '../../src/observe/session-tag.ts';
import { Telemetry } from '../../src/observe/telemetry.ts';
import { KeepingExporter } from './keeping-exporter.ts';

function observed() {
  const lines: AuditEntry[] = [];
  let clock = 0;
  const exporter = new KeepingExporter();
  const metrics = openMetrics({ snapshot: () => ({ sessions: 0, upstreams: [] }), auditLost: () => 0 });
  const tracing = openTracing({ enabled: true, headers: {}, serviceName: 'lockgate', sampleRatio: 1 }, exporter);
  const telemetry = new Telemetry({
    audit: { record: (entry) => lines.push(entry), lost: 0, reopen() {}, close: async () => {} },
    metrics,
    tracing,
    now: () => clock,
  });
  return { telemetry, metrics, tracing, exporter, lines, pass: (ms: number) => (clock += ms) };
}

const call = { principal: 'ci', session: 's1', method: 'tools/call', target: 'files__read', requestBytes: 10 };

describe('one observed call', () => {
  test('stands in the audit log, in the metrics and in the trace alike', async () => {
    const { telemetry, metrics, tracing, exporter, lines, pass } = observed();
    const request = telemetry.begin(call);
    expect((await metrics.text()).body).toContain('lockgate_requests_running 1');
    request.routedTo('files');
    pass(12.3456);
    request.end({ verdict: 'error', reason: 'GATEWAY_DEADLINE', responseBytes: 20 });
    request.end({ verdict: 'ok' });

    expect(lines).toEqual([
      {
        event: 'call',
        principal: 'ci',
        session: sessionTag('s1'),
        server: 'files',
        method: 'tools/call',
        target: 'files__read',
        verdict: 'error',
        reason: 'GATEWAY_DEADLINE',
        durationMs: 12.346,
        requestBytes: 10,
        responseBytes: 20,
        decision: undefined,
      },
    ]);
    const { body } = await metrics.text();
    expect(body).toContain('lockgate_requests_running 0');
    expect(body).toContain('lockgate_requests_total{server="files",method="tools/call",verdict="error"} 1');
    expect(body).toContain('lockgate_request_duration_seconds_count{server="files",method="tools/call"} 1');
    expect(body).toContain('lockgate_bytes_total{server="files",direction="out"} 20');
    await tracing.close();
    expect(exporter.kept).toMatchObject([
      {
        name: 'tools/call files__read',
        attributes: { 'lockgate.server': 'files', 'mcp.session.id': sessionTag('s1') },
      },
    ]);
  });

  test('lists are measured, not audited, unless they are denied', () => {
    const { telemetry, lines } = observed();
    telemetry.begin({ ...call, method: 'tools/list' }).end({ verdict: 'ok' });
    expect(lines).toEqual([]);
    telemetry.begin({ ...call, method: 'tools/list' }).end({ verdict: 'denied', reason: 'scope' });
    expect(lines).toMatchObject([{ verdict: 'denied', reason: 'scope' }]);
  });

  test('a word that is no method of MCP makes no label of its own', async () => {
    const { telemetry, metrics } = observed();
    for (let index = 0; index < 100; index++)
      telemetry.begin({ principal: 'x', method: `m${index}` }).end({ verdict: 'error' });
    const { body } = await metrics.text();
    expect(body).toContain('lockgate_requests_total{server="",method="other",verdict="error"} 100');
    expect(body).not.toContain('m42');
  });
});

describe('the audit log', () => {
  test('names the session of a decision by the tag that its calls have, and holds all that was decided', () => {
    const { telemetry, lines } = observed();
    const decision = { server: 'files', tool: 'read', principal: 'ci', session: 's1', verdict: 'allowed' } as const;
    telemetry.begin(call).end({ verdict: 'ok' });
    telemetry.decided({ ...decision, ...{ mode: 'filter', withheld: 2 } });
    expect(lines.map(({ session }) => session)).toEqual([sessionTag('s1'), sessionTag('s1')]);
    expect(lines[1]).toMatchObject({
      event: 'guard',
      server: 'files',
      target: 'read',
      verdict: 'ok',
      decision: { mode: 'filter', withheld: 2 },
    });
    expect(JSON.stringify(lines)).not.toContain('"s1"');
  });

  test('keeps a used-up limit apart from what guards decide', () => {
    const { telemetry, lines } = observed();
    const denied = { server: 'files', tool: 'send', principal: 'ci', session: 's1', verdict: 'denied' } as const;
    telemetry.decided({ ...denied, deniedBy: 'limit', reason: 'has done so', ...{ mode: 'filter' } });
    telemetry.decided({ ...denied, deniedBy: 'guard', reason: 'failed' });
    expect(lines).toMatchObject([
      { event: 'limit', target: 'send', verdict: 'denied', reason: 'has done so', decision: undefined },
      { event: 'guard', target: 'send', verdict: 'denied', decision: { deniedBy: 'guard' } },
    ]);
  });

  test('says whose labels were given up, and by whom', () => {
    const { telemetry, lines } = observed();
    telemetry.callerReset('agent', 'operator');
    expect(lines).toMatchObject([{ event: 'reset', principal: 'operator', target: 'agent', verdict: 'ok' }]);
  });

  test('names no server where none was found', () => {
    const { telemetry, lines } = observed();
    telemetry.begin(call).end({ verdict: 'failed', reason: '-32602' });
    expect(lines).toMatchObject([{ event: 'call', server: undefined }]);
  });

  test('says where a request came from that was turned away', async () => {
    const { telemetry, metrics, lines } = observed();
    telemetry.turnedAway({ status: 403, reason: 'host', remoteAddress: '10.0.0.9' });
    expect(lines).toMatchObject([
      { event: 'denied', principal: 'unknown', remoteAddress: '10.0.0.9', verdict: 'denied', reason: '403 host' },
    ]);
    expect((await metrics.text()).body).toContain('lockgate_denied_total{reason="host"} 1');
  });
});
