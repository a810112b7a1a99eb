import type { AuditEntry, AuditLog } from '../audit.ts';
import type { Decision } from '../monitor/decision.ts';
import type { Denial } from '../server/principal.ts';
import type { Metrics } from './metrics.ts';
import { sessionTag } from './session-tag.ts';
import type { TraceMeta, Tracing } from './tracing.ts';

/** What is known of a client's request before it is answered. */
export interface RequestFacts {
  readonly principal: string;
  readonly session?: string | undefined;
  readonly method: string;
  /** Name of the tool or prompt, or the URI of the resource. */
  readonly target?: string | undefined;
  /** The client's `_meta`. */
  readonly meta?: unknown;
  readonly requestBytes?: number | undefined;
}

/** How a request ended. */
export interface RequestOutcome {
  readonly verdict: AuditEntry['verdict'];
  /** Code of an error, or the word for a denial; never a message with contents. */
  readonly reason?: string | undefined;
  readonly responseBytes?: number | undefined;
}

/** One request while it is being answered. */
export interface ObservedRequest {
  /** To be laid over `_meta` of what is sent on. */
  readonly traceMeta: TraceMeta;
  /** Told once it is known which server answers. */
  routedTo(server: string): void;
  /** Ends the observation; later calls do nothing. */
  end(outcome: RequestOutcome): void;
}

export interface TelemetryParts {
  readonly audit: AuditLog;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** Milliseconds that only go up. */
  readonly now: () => number;
}

/** Methods that do something or hand data out; the audit log holds these, and everything that was refused. */
const AUDITED: ReadonlySet<string> = new Set(['tools/call', 'resources/read', 'prompts/get', 'completion/complete']);

/** Methods that may be labels: a client can send any word, and every new label costs memory for good. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    'initialize ping server/discover tools/list tools/call resources/list resources/templates/list resources/read ' +
    'resources/subscribe resources/unsubscribe prompts/list prompts/get completion/complete logging/setLevel ' +
    'subscriptions/listen tasks/get tasks/list tasks/result tasks/cancel'
  ).split(' '),
);

/** Observes requests once for the audit log, the metrics and the traces, so that the three cannot tell different stories. */
export class Telemetry {
  readonly #parts: TelemetryParts;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
  }

  /** Prometheus text. */
  metricsText(): ReturnType<Metrics['text']> {
    return this.#parts.metrics.text();
  }

  /** A request was turned away at the door. */
  denied({ status, reason }: Denial, remoteAddress: string | undefined): void {
    this.#parts.metrics.denied(reason);
    const principal = 'unknown';
    this.#parts.audit.record({
      event: 'denied',
      principal,
      remoteAddress,
      verdict: 'denied',
      reason: `${status} ${reason}`,
    });
  }

  /** The reference monitor decided about a call. */
  decided({ server, tool, principal, session, verdict, reason, ...decision }: Decision): void {
    this.#parts.audit.record({
      event: 'guard',
      principal,
      session: sessionTag(session),
      server,
      target: tool,
      verdict: verdict === 'allowed' ? 'ok' : verdict,
      reason,
      decision,
    });
  }

  /** Ends when the audit log is on disk and the last spans are sent. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#parts.audit.close(), this.#parts.tracing.close()]);
  }

  begin(facts: RequestFacts): ObservedRequest {
    const { audit, metrics, tracing, now } = this.#parts;
    const { principal, session, method, target, requestBytes } = facts;
    const started = now();
    let server = '';
    let ended = false;
    const label = KNOWN.has(method) ? method : 'other';
    const named = target !== undefined && method !== 'resources/read';
    const span = tracing.start(named ? `${label} ${target}` : label, spanAttributes(facts), facts.meta);
    metrics.requestStarted();
    return {
      traceMeta: span.meta,
      routedTo(name) {
        server = name;
      },
      end({ verdict, reason, responseBytes }) {
        if (ended) return;
        ended = true;
        const durationMs = now() - started;
        metrics.requestEnded({ server, method: label, verdict, durationMs, requestBytes, responseBytes });
        span.end(
          { 'lockgate.server': server, 'lockgate.verdict': verdict },
          verdict === 'ok' ? undefined : (reason ?? verdict),
        );
        if (!AUDITED.has(method) && verdict !== 'denied') return;
        audit.record({
          event: 'call',
          principal,
          session,
          server,
          method,
          target,
          verdict,
          reason,
          durationMs: Math.round(durationMs * 1_000) / 1_000,
          requestBytes,
          responseBytes,
        });
      },
    };
  }
}

/** Source: OpenTelemetry semantic conventions for MCP. */
function spanAttributes({ method, target, session }: RequestFacts): Record<string, string> {
  const name =
    method === 'resources/read'
      ? 'mcp.resource.uri'
      : method === 'prompts/get'
        ? 'gen_ai.prompt.name'
        : 'gen_ai.tool.name';
  return {
    'mcp.method.name': method,
    ...(session === undefined ? {} : { 'mcp.session.id': session }),
    ...(target === undefined ? {} : { [name]: target }),
  };
}
