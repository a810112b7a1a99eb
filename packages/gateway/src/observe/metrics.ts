import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from '../version.ts';

/** How one request of a client ended. Tools are no label: a server may have thousands. */
export interface RequestMeasure {
  readonly server: string;
  readonly method: string;
  readonly verdict: string;
  readonly durationMs: number;
  readonly requestBytes?: number | undefined;
  readonly responseBytes?: number | undefined;
}

/** What is read at the moment of a scrape. */
export interface MetricsSnapshot {
  readonly sessions: number;
  readonly upstreams: readonly {
    readonly name: string;
    readonly kind: string;
    readonly state: string;
    readonly restarts: number;
  }[];
}

export interface Metrics {
  requestStarted(): void;
  requestEnded(measure: RequestMeasure): void;
  /** A request that was turned away at the door, by the word of its denial. */
  denied(reason: string): void;
  /** Prometheus text, and the content type to send it with. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Measures nothing and shows nothing. */
export const noMetrics: Metrics = {
  requestStarted() {},
  requestEnded() {},
  denied() {},
  text: () => Promise.resolve({ contentType: 'text/plain', body: '' }),
};

/** Opens metrics in a registry of their own, so that several gateways in one process keep apart. */
export function openMetrics(snapshot: () => MetricsSnapshot): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  new Gauge({
    name: 'lockgate_info',
    help: 'Always 1; the version is the label.',
    labelNames: ['version'],
    registers,
  }).set({ version: VERSION }, 1);
  const requests = new Counter({
    name: 'lockgate_requests_total',
    help: 'MCP requests of clients by server, method and how they ended.',
    labelNames: ['server', 'method', 'verdict'],
    registers,
  });
  const durations = new Histogram({
    name: 'lockgate_request_duration_seconds',
    help: 'How long MCP requests took in the gateway and behind it.',
    labelNames: ['server', 'method'],
    buckets: SECONDS,
    registers,
  });
  const bytes = new Counter({
    name: 'lockgate_bytes_total',
    help: 'Bytes of MCP requests (in) and answers (out).',
    labelNames: ['server', 'direction'],
    registers,
  });
  const denials = new Counter({
    name: 'lockgate_denied_total',
    help: 'HTTP requests that were turned away before they were looked at.',
    labelNames: ['reason'],
    registers,
  });
  const running = new Gauge({ name: 'lockgate_requests_running', help: 'MCP requests being answered now.', registers });
  new Gauge({
    name: 'lockgate_sessions',
    help: 'Open sessions.',
    registers,
    collect() {
      this.set(snapshot().sessions);
    },
  });
  new Gauge({
    name: 'lockgate_upstream_up',
    help: '1 while a plugin or server can be called.',
    labelNames: ['server', 'kind'],
    registers,
    collect() {
      this.reset();
      for (const { name, kind, state } of snapshot().upstreams)
        this.set({ server: name, kind }, Number(state === 'running'));
    },
  });
  new Gauge({
    name: 'lockgate_upstream_restarts',
    help: 'Restarts of a plugin or server since it was added.',
    labelNames: ['server', 'kind'],
    registers,
    collect() {
      this.reset();
      for (const { name, kind, restarts } of snapshot().upstreams) this.set({ server: name, kind }, restarts);
    },
  });

  return {
    requestStarted: () => running.inc(),
    requestEnded({ server, method, verdict, durationMs, requestBytes = 0, responseBytes = 0 }) {
      running.dec();
      requests.inc({ server, method, verdict });
      durations.observe({ server, method }, durationMs / 1_000);
      if (requestBytes > 0) bytes.inc({ server, direction: 'in' }, requestBytes);
      if (responseBytes > 0) bytes.inc({ server, direction: 'out' }, responseBytes);
    },
    denied: (reason) => denials.inc({ reason }),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
