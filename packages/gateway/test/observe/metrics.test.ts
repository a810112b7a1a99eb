import { describe, expect, onTestFinished, test } from 'vitest';
import { type Metrics, openMetrics } from '../../src/observe/metrics.ts';

function open(): Metrics {
  const metrics = openMetrics({
    snapshot: () => ({
      sessions: 3,
      upstreams: [
        { name: 'files', kind: 'mcp', state: 'running', restarts: 2 },
        { name: 'gone', kind: 'plugin', state: 'restarting', restarts: 0 },
      ],
    }),
    auditLost: () => 7,
  });
  onTestFinished(() => metrics.close());
  return metrics;
}

const linesOf = async (metrics: Metrics): Promise<readonly string[]> => (await metrics.text()).body.split('\n');

describe('metrics', () => {
  test('read the state of the gateway at the moment of the scrape', async () => {
    const { body, contentType } = await open().text();
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body.split('\n')).toEqual(
      expect.arrayContaining([
        'lockgate_sessions 3',
        'lockgate_upstream_up{server="files",kind="server"} 1',
        'lockgate_upstream_up{server="gone",kind="plugin"} 0',
        'lockgate_upstream_restarts{server="files",kind="server"} 2',
        'lockgate_audit_lines_lost_total 7',
        expect.stringMatching(/^lockgate_info\{version="[^"]+"\} 1$/),
      ]),
    );
  });

  test('count requests by server, method and verdict, their durations by server and method, bytes by server', async () => {
    const metrics = open();
    const call = { server: 'files', method: 'tools/call', durationMs: 2 } as const;
    for (const verdict of ['ok', 'ok', 'denied'] as const) {
      metrics.requestStarted();
      metrics.requestEnded({ ...call, verdict, requestBytes: 10, responseBytes: 100 });
    }
    metrics.requestEnded({ ...call, method: 'tools/list', verdict: 'ok', durationMs: 70_000 });
    metrics.requestEnded({ ...call, server: 'quiet', verdict: 'cancelled' });
    const lines = await linesOf(metrics);
    expect(lines).toEqual(
      expect.arrayContaining([
        'lockgate_requests_total{server="files",method="tools/call",verdict="ok"} 2',
        'lockgate_requests_total{server="files",method="tools/call",verdict="denied"} 1',
        'lockgate_requests_total{server="files",method="tools/list",verdict="ok"} 1',
        'lockgate_request_duration_seconds_bucket{le="0.001",server="files",method="tools/call"} 0',
        'lockgate_request_duration_seconds_bucket{le="0.0025",server="files",method="tools/call"} 3',
        'lockgate_request_duration_seconds_sum{server="files",method="tools/call"} 0.006',
        'lockgate_request_duration_seconds_bucket{le="60",server="files",method="tools/list"} 0',
        'lockgate_request_duration_seconds_count{server="files",method="tools/list"} 1',
        'lockgate_bytes_total{server="files",direction="in"} 30',
        'lockgate_bytes_total{server="files",direction="out"} 300',
      ]),
    );
    expect(lines.filter((line) => line.startsWith('lockgate_bytes_total'))).toHaveLength(2);
  });

  test('of two gateways in one process keep apart', async () => {
    const one = open();
    one.turnedAway('host');
    expect(await linesOf(one)).toContain('lockgate_denied_total{reason="host"} 1');
    expect(await linesOf(open())).not.toContain('lockgate_denied_total{reason="host"} 1');
  });

  test('have each name once, with samples that belong to it', async () => {
    const lines = (await linesOf(open())).filter((line) => line !== '');
    const names = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
    expect(new Set(names).size).toBe(names.length);
    let current = '';
    for (const line of lines) {
      current = /^# TYPE (\S+)/.exec(line)?.[1] ?? current;
      if (!line.startsWith('#')) expect(line.replace(/[{ ].*/, '').replace(/_(bucket|sum|count)$/, '')).toBe(current);
    }
  });
});
