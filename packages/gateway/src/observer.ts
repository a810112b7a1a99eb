/** `error` is the server's own answer, `failed` the gateway's; `filtered` means that a part was withheld. */
export type RequestVerdict = 'ok' | 'error' | 'denied' | 'filtered' | 'failed' | 'cancelled';

/** W3C trace context as it travels in `_meta`. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

/** What is known of a client's request before it is answered. */
export interface RequestFacts {
  readonly principal: string;
  /** Id of the session; an observer writes down a tag of it, never the id. */
  readonly session?: string | undefined;
  readonly method: string;
  /** Name of the tool or prompt, or the URI of the resource. */
  readonly target?: string | undefined;
  /** What the client's `_meta` says of its own trace; it may be garbage. */
  readonly trace?: TraceContext | undefined;
  /** Size of the request as it came. */
  readonly requestBytes?: number | undefined;
  /** Id of the run of the script that makes it. */
  readonly script?: string | undefined;
}

/** How a request ended. */
export interface RequestOutcome {
  readonly verdict: RequestVerdict;
  /** Code of an error, or the word for a denial; never a message with contents. */
  readonly reason?: string | undefined;
  /** Size of the answer as it is sent. */
  readonly responseBytes?: number | undefined;
  /** What it would have been larger by as its server gave it; absent where it was given as it came. */
  readonly savedBytes?: number | undefined;
}

/** One request while it is being answered. */
export interface ObservedRequest {
  /** Laid over `_meta` of what is sent on, so that the upstream's spans hang below this request's; undefined without tracing. */
  readonly trace: TraceContext | undefined;
  /**
   * Told once it is known which server answers.
   *
   * @param target - The tool that is really called, as clients know it, where the request names another: one of the gateway's own.
   */
  routedTo(server: string, target?: string): void;
  /** Told once it is known that the request is one to run a script: what that calls has the same id. */
  runs(script: string): void;
  /** Ends the observation; later calls do nothing. */
  end(outcome: RequestOutcome): void;
}

/** What an operator has done with the gateway, and how it ended. */
export interface OperatorAction {
  /** Name of the key or token, or how they came in: `console:link`, `console:socket`. */
  readonly by: string;
  readonly action:
    | 'restart'
    | 'disable'
    | 'enable'
    | 'reload'
    | 'rollback'
    | 'approve'
    | 'forget'
    | 'approve call'
    | 'deny call'
    | 'write configuration'
    | 'reload configuration'
    | 'connect'
    | 'disconnect';
  /** The server or plugin that it is about. */
  readonly server?: string | undefined;
  /** What of it: the tool of a call that was decided on, or the kind and name of an item that a pin is for. */
  readonly target?: string | undefined;
  /** The call that was decided on, by what the log says of it as well. */
  readonly call?: { readonly id: string; readonly principal: string; readonly argumentsDigest: string } | undefined;
  readonly verdict: 'ok' | 'failed';
  /** Code of an error; never a message with contents. */
  readonly reason?: string | undefined;
}

/** A request that was refused before any of its content was read. */
export interface TurnedAway {
  /** HTTP status of the answer. */
  readonly status: number;
  /** Stable word for metrics and the audit log. */
  readonly reason: string;
  readonly remoteAddress?: string | undefined;
}

/** A decision of the reference monitor: what is named here, and tags and counts beside it. Never arguments or contents. */
export interface MonitorDecision {
  readonly server: string;
  readonly tool: string;
  readonly principal: string;
  /** Id of the session; an observer writes down a tag of it, never the id. */
  readonly session?: string | undefined;
  readonly verdict: 'allowed' | 'filtered' | 'denied';
  /** What said no; only of a denial. */
  readonly deniedBy?: 'labels' | 'guard' | 'limit' | 'state' | 'channel' | undefined;
  /** The frame that was decided on, where it is no call and no result. */
  readonly channel?: { readonly direction: 'up' | 'down'; readonly method: string } | undefined;
  readonly reason?: string | undefined;
}

/** What the gateway tells of its work. Nothing that is told can fail or delay a request. */
export interface Observer {
  begin(facts: RequestFacts): ObservedRequest;
  turnedAway(request: TurnedAway): void;
  decided(decision: MonitorDecision): void;
  /** What a caller had read and counted without a session was given up, by whom. */
  callerReset(caller: string, by: string): void;
  /** Somebody has acted on the gateway itself, in the console or over the admin socket. */
  operated(action: OperatorAction): void;
}

/** What the metrics ask the gateway for at the moment of a scrape. */
export interface MetricsSnapshot {
  readonly sessions: number;
  readonly upstreams: readonly {
    readonly name: string;
    readonly kind: string;
    readonly state: string;
    readonly restarts: number;
  }[];
}

/** Where `/metrics` comes from. */
export interface MetricsSource {
  /** Prometheus text, and the content type to send it with. */
  metricsText(): Promise<{ readonly contentType: string; readonly body: string }>;
}
