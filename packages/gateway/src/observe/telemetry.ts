import { told } from '../monitor/decision.ts';
import type {
  MetricsSource,
  MonitorDecision,
  ObservedRequest,
  Observer,
  OperatorAction,
  RequestFacts,
  RequestOutcome,
  TraceContext,
  TurnedAway,
} from '../observer.ts';
import type { AuditLog } from './audit.ts';
import { AUDITED_METHODS } from './audited-methods.ts';
import type { Metrics } from './metrics.ts';
import { sessionTag } from './session-tag.ts';
import type { RequestSpan, Tracing } from './tracing.ts';

export interface TelemetryParts {
  readonly audit: AuditLog;
  readonly metrics: Metrics;
  /** Absent where nothing is traced: the client's own trace context then goes through untouched. */
  readonly tracing?: Tracing | undefined;
  /** Milliseconds that only go up. */
  readonly now: () => number;
  /** Watches requests for people who look on. @default nobody does */
  readonly watcher?: RequestWatcher | undefined;
}

/** Is shown requests as they begin and end. */
export interface RequestWatcher {
  /**
   * Undefined where this one is of no interest.
   *
   * @param beganAt - On the clock that only goes up, in milliseconds: who watches reads no clock again.
   */
  begin(facts: RequestFacts, beganAt: number): WatchedRequest | undefined;
}

/** One request, as a watcher is told of it. */
export interface WatchedRequest extends Pick<ObservedRequest, 'routedTo'> {
  end(outcome: RequestOutcome, durationMs: number): void;
}

/** Methods that may be metric labels: a client can send any word, and every new label costs memory for good. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    'initialize ping server/discover tools/list tools/call resources/list resources/templates/list resources/read ' +
    'resources/subscribe resources/unsubscribe prompts/list prompts/get completion/complete logging/setLevel ' +
    'subscriptions/listen tasks/get tasks/list tasks/result tasks/cancel'
  ).split(' '),
);

/** Observes requests once for the audit log, the metrics and the traces, so that the three cannot tell different stories. */
export class Telemetry implements Observer, MetricsSource {
  readonly #parts: TelemetryParts;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
  }

  /** Lines of the audit log that could not be written since the start. */
  get auditLost(): number {
    return this.#parts.audit.lost;
  }

  /** Goes on in new files where somebody has moved the old ones away. */
  reopen(): void {
    this.#parts.audit.reopen();
  }

  begin(facts: RequestFacts): ObservedRequest {
    return new RequestInProgress(facts, this.#parts);
  }

  turnedAway({ status, reason, remoteAddress }: TurnedAway): void {
    this.#parts.metrics.turnedAway(reason);
    this.#parts.audit.record({
      event: 'denied',
      principal: 'unknown',
      remoteAddress,
      verdict: 'denied',
      reason: `${status} ${reason}`,
    });
  }

  decided({ server, tool, principal, session, verdict, reason, ...decision }: MonitorDecision): void {
    const { channel } = decision;
    if (channel) {
      this.#parts.metrics.frameDropped({ server, ...told(channel) });
      // A server may say something all the time: what is not told is counted, and what is not answered is written down.
      if (channel.direction === 'down' && channel.method.startsWith('notifications/')) return;
    }
    const isLimit = decision.deniedBy === 'limit';
    this.#parts.audit.record({
      event: isLimit ? 'limit' : 'guard',
      principal,
      session: session === undefined ? undefined : sessionTag(session),
      server,
      target: tool,
      verdict: verdict === 'allowed' ? 'ok' : verdict,
      reason,
      // Labels have nothing to do with how often a tool is called.
      decision: isLimit ? undefined : decision,
    });
  }

  callerReset(caller: string, by: string): void {
    this.#parts.audit.record({ event: 'reset', principal: by, target: caller, verdict: 'ok' });
  }

  operated({ by, action, ...rest }: OperatorAction): void {
    this.#parts.audit.record({ event: 'operator', principal: by, method: action, ...rest });
  }

  metricsText(): ReturnType<Metrics['text']> {
    return this.#parts.metrics.text();
  }

  /** Ends when the audit log is on disk and the last spans are sent. */
  async close(): Promise<void> {
    const { audit, metrics, tracing } = this.#parts;
    metrics.close();
    await Promise.allSettled([audit.close(), tracing?.close()]);
  }
}

/** A class instead of closures, and facts as they were given: this is made for every request. */
class RequestInProgress implements ObservedRequest {
  readonly #facts: RequestFacts;
  readonly #parts: TelemetryParts;
  readonly #span: RequestSpan | undefined;
  readonly #watched: WatchedRequest | undefined;
  readonly #started: number;
  #server = '';
  #target: string | undefined;
  #script: string | undefined;
  #ended = false;

  constructor(facts: RequestFacts, parts: TelemetryParts) {
    this.#facts = facts;
    this.#parts = parts;
    this.#started = parts.now();
    this.#target = facts.target;
    this.#script = facts.script;
    this.#span = parts.tracing?.start(spanName(facts), spanAttributes(facts), facts.trace);
    parts.metrics.requestStarted();
    this.#watched = parts.watcher?.begin(facts, this.#started);
  }

  get trace(): TraceContext | undefined {
    return this.#span?.context;
  }

  routedTo(server: string, target?: string): void {
    this.#server = server;
    this.#watched?.routedTo(server, target);
    if (target === undefined) return;
    this.#target = target;
    this.#span?.rename(spanName({ ...this.#facts, target }));
  }

  runs(script: string): void {
    this.#script = script;
  }

  end(outcome: RequestOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    const { verdict, reason, responseBytes, savedBytes } = outcome;
    const { audit, metrics, now } = this.#parts;
    const { principal, session, method, requestBytes } = this.#facts;
    const server = this.#server;
    const target = this.#target;
    const isOther = target !== undefined && target !== this.#facts.target;
    const durationMs = now() - this.#started;
    this.#watched?.end(outcome, durationMs);
    const sizes = { requestBytes, responseBytes, savedBytes };
    metrics.requestEnded({ server, method: label(method), verdict, durationMs, ...sizes });
    this.#span?.end(
      { 'lockgate.server': server, 'lockgate.verdict': verdict, ...(isOther && { 'gen_ai.tool.name': target }) },
      verdict === 'ok' || verdict === 'filtered' ? undefined : (reason ?? verdict),
    );
    // The audit log holds these, and everything that was refused.
    if (!AUDITED_METHODS.has(method) && verdict !== 'denied') return;
    audit.record({
      event: 'call',
      principal,
      session: session === undefined ? undefined : sessionTag(session),
      server: server === '' ? undefined : server,
      method,
      target,
      script: this.#script,
      verdict,
      reason,
      durationMs: Math.round(durationMs * 1_000) / 1_000,
      requestBytes,
      responseBytes,
      savedBytes,
    });
  }
}

function label(method: string): string {
  return KNOWN.has(method) ? method : 'other';
}

function spanName({ method, target }: RequestFacts): string {
  const named = target !== undefined && method !== 'resources/read';
  return named ? `${label(method)} ${target}` : label(method);
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
    ...(session === undefined ? {} : { 'mcp.session.id': sessionTag(session) }),
    ...(target === undefined ? {} : { [name]: target }),
  };
}
