import { ceilingCounts } from '../ceilings.ts';
import type { MetricsSnapshot, RequestVerdict } from '../observer.ts';
import { passedCounts } from '../passed-counts.ts';
import { VERSION } from '../version.ts';
import { BucketCounts } from './bucket-counts.ts';
import { openProcessMetrics } from './process-metrics.ts';
import { histogramSamples, metricText, PROMETHEUS_CONTENT_TYPE, type Sample } from './prometheus-text.ts';

/** How one request of a client ended. Tools are no label: a server may have thousands. */
export interface RequestMeasure {
  readonly server: string;
  readonly method: string;
  readonly verdict: RequestVerdict;
  readonly durationMs: number;
  readonly requestBytes?: number | undefined;
  readonly responseBytes?: number | undefined;
  /** Bytes by which the answer was made smaller. */
  readonly savedBytes?: number | undefined;
}

/** A method that MCP does not define is `other`: a server can send any word. */
export interface DroppedFrame {
  readonly server: string;
  readonly direction: 'up' | 'down';
  readonly method: string;
}

export interface Metrics {
  requestStarted(): void;
  requestEnded(measure: RequestMeasure): void;
  /** A request that was refused before its content was read, by the reason of its denial. */
  turnedAway(reason: string): void;
  /** A frame beside the calls that the reference monitor did not let pass. */
  frameDropped(frame: DroppedFrame): void;
  /** Prometheus text, and the content type to send it with. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** Ends what watches the process. */
  close(): void;
}

export interface MetricsOptions {
  readonly snapshot: () => MetricsSnapshot;
  /** Lines that the audit log has lost. */
  readonly auditLost: () => number;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Measures nothing and shows nothing. */
export const noMetrics: Metrics = {
  requestStarted() {},
  requestEnded() {},
  turnedAway() {},
  frameDropped() {},
  text: () => Promise.resolve({ contentType: PROMETHEUS_CONTENT_TYPE, body: '' }),
  close() {},
};

/** What is counted of one method at one server. */
interface MethodCounts {
  readonly durations: BucketCounts;
  readonly verdicts: Partial<Record<RequestVerdict, number>>;
}

/** What is counted of one server. */
interface ServerCounts {
  readonly methods: Map<string, MethodCounts>;
  bytesIn: number;
  bytesOut: number;
  bytesSaved: number;
}

/** Opens metrics of their own, so that several gateways in one process keep apart. Text is made at a scrape, not before. */
export function openMetrics({ snapshot, auditLost }: MetricsOptions): Metrics {
  const process = openProcessMetrics();
  const servers = new Map<string, ServerCounts>();
  const denials = new Map<string, number>();
  const dropped = new Map<string, Sample>();
  let running = 0;
  return {
    requestStarted() {
      running++;
    },
    requestEnded({ server, method, verdict, durationMs, requestBytes = 0, responseBytes = 0, savedBytes = 0 }) {
      running--;
      const counts = serverCounts(servers, server);
      counts.bytesIn += requestBytes;
      counts.bytesOut += responseBytes;
      counts.bytesSaved += savedBytes;
      const { durations, verdicts } = methodCounts(counts.methods, method);
      durations.observe(durationMs / 1_000);
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    },
    turnedAway(reason) {
      denials.set(reason, (denials.get(reason) ?? 0) + 1);
    },
    frameDropped({ server, direction, method }) {
      const key = JSON.stringify([server, direction, method]);
      const value = (dropped.get(key)?.value ?? 0) + 1;
      dropped.set(key, { labels: { server, direction, method }, value });
    },
    async text() {
      const own = [
        metricText('lockgate_info', 'gauge', 'Always 1; the version is the label.', [
          { labels: { version: VERSION }, value: 1 },
        ]),
        requestsText(servers),
        metricText(
          'lockgate_denied_total',
          'counter',
          'HTTP requests that were turned away before they were looked at.',
          [...Array.from(denials, ([reason, value]) => ({ labels: { reason }, value }))],
        ),
        metricText(
          'lockgate_frames_dropped_total',
          'counter',
          'Notifications, questions, answers to questions and errors that the reference monitor did not let pass.',
          [...dropped.values()],
        ),
        metricText('lockgate_requests_running', 'gauge', 'MCP requests being answered now.', [{ value: running }]),
        metricText('lockgate_audit_lines_lost_total', 'counter', 'Lines of the audit log that could not be written.', [
          { value: auditLost() },
        ]),
        metricText(
          'lockgate_ceilings_reached_total',
          'counter',
          'What was dropped, refused or ended because there would have been too much of it.',
          Array.from(ceilingCounts, ([ceiling, value]) => ({ labels: { ceiling }, value })),
        ),
        metricText(
          'lockgate_passed_requests_total',
          'counter',
          'Requests for the gateway that holds what they are about, among several that share their state.',
          Array.from(passedCounts, ([outcome, value]) => ({ labels: { outcome }, value })),
        ),
        stateText(snapshot()),
      ];
      return { contentType: PROMETHEUS_CONTENT_TYPE, body: `${await process.text()}${own.join('')}` };
    },
    close: () => process.close(),
  };
}

function serverCounts(servers: Map<string, ServerCounts>, server: string): ServerCounts {
  let counts = servers.get(server);
  if (counts === undefined) {
    counts = { methods: new Map(), bytesIn: 0, bytesOut: 0, bytesSaved: 0 };
    servers.set(server, counts);
  }
  return counts;
}

function methodCounts(methods: Map<string, MethodCounts>, method: string): MethodCounts {
  let counts = methods.get(method);
  if (counts === undefined) {
    counts = { durations: new BucketCounts(SECONDS), verdicts: {} };
    methods.set(method, counts);
  }
  return counts;
}

function requestsText(servers: ReadonlyMap<string, ServerCounts>): string {
  const requests: Sample[] = [];
  const durations: Sample[] = [];
  const bytes: Sample[] = [];
  const saved: Sample[] = [];
  for (const [server, { methods, bytesIn, bytesOut, bytesSaved }] of servers) {
    if (bytesSaved > 0) saved.push({ labels: { server }, value: bytesSaved });
    if (bytesIn > 0) bytes.push({ labels: { server, direction: 'in' }, value: bytesIn });
    if (bytesOut > 0) bytes.push({ labels: { server, direction: 'out' }, value: bytesOut });
    for (const [method, counts] of methods) {
      durations.push(...histogramSamples({ server, method }, SECONDS, counts.durations.counts, counts.durations.sum));
      for (const [verdict, value] of Object.entries(counts.verdicts))
        requests.push({ labels: { server, method, verdict }, value });
    }
  }
  return [
    metricText(
      'lockgate_requests_total',
      'counter',
      'MCP requests of clients by server, method and how they ended.',
      requests,
    ),
    metricText(
      'lockgate_request_duration_seconds',
      'histogram',
      'How long MCP requests took in the gateway and behind it.',
      durations,
    ),
    metricText('lockgate_bytes_total', 'counter', 'Bytes of MCP requests (in) and answers (out).', bytes),
    metricText('lockgate_saved_bytes_total', 'counter', 'Bytes by which answers of tools were made smaller.', saved),
  ].join('');
}

function stateText({ sessions, upstreams }: MetricsSnapshot): string {
  const labels = ({ name, kind }: MetricsSnapshot['upstreams'][number]): NonNullable<Sample['labels']> => ({
    server: name,
    kind: kind === 'mcp' ? 'server' : kind, // the word of the configuration, as in health
  });
  return [
    metricText('lockgate_sessions', 'gauge', 'Open sessions.', [{ value: sessions }]),
    metricText(
      'lockgate_upstream_up',
      'gauge',
      '1 while a plugin or server can be called.',
      upstreams.map((upstream) => ({ labels: labels(upstream), value: Number(upstream.state === 'running') })),
    ),
    metricText(
      'lockgate_upstream_restarts',
      'gauge',
      'Restarts of a plugin or server since it was added.',
      upstreams.map((upstream) => ({ labels: labels(upstream), value: upstream.restarts })),
    ),
  ].join('');
}
