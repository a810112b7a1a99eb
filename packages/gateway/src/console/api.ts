/**
 * What `/console/api/*` answers, and what it is asked: the contract between the console's pages, scripts, the command line, and
 * the gateway. Types alone, which import nothing. All times are milliseconds since 1970, all durations milliseconds, all sizes bytes; members are
 * only ever added.
 *
 * | asked                                          | role     | body                | answer                 |
 * | ---------------------------------------------- | -------- | ------------------- | ---------------------- |
 * | GET session                                    | anybody  |                     | SessionState           |
 * | POST session                                   | anybody  | SignIn              | SignedIn               |
 * | DELETE session                                 | viewer   |                     | 204                    |
 * | POST sign-in-link (admin socket only)          | operator |                     | SignInLink             |
 * | GET overview                                   | viewer   |                     | Overview               |
 * | GET upstreams                                  | viewer   |                     | UpstreamList           |
 * | GET upstreams/:name                            | viewer   |                     | UpstreamDetail         |
 * | POST upstreams/:name/:action                   | operator |                     | UpstreamActionAnswer   |
 * | GET tools                                      | viewer   |                     | ToolList               |
 * | POST call                                      | operator | CallRequest         | CallAnswer             |
 * | GET calls ?CallFilter                          | viewer   |                     | CallList               |
 * | GET calls/:id                                  | viewer   |                     | CallDetail             |
 * | GET policy                                     | viewer   |                     | Policy                 |
 * | POST policy/explain                            | viewer   | ExplainRequest      | ExplainedDecision      |
 * | POST policy/try                                | operator | TryRequest          | TryAnswer              |
 * | GET configuration                              | viewer   |                     | Configuration          |
 * | POST configuration/check                       | operator | ConfigurationText   | ConfigurationVerdict   |
 * | PUT configuration (where it is allowed)        | operator | ConfigurationChange | ConfigurationApplied   |
 * | POST configuration/reload                      | operator |                     | ConfigurationReloaded  |
 * | GET log ?LogFilter                             | viewer   |                     | LogPage                |
 * | GET events ?EventFilter                        | viewer   |                     | server-sent events     |
 *
 * An error has the body {@link ApiError}. What changes something needs, of a session, the header `x-lockgate-csrf` with
 * {@link SignedIn.csrf}, `Content-Type: application/json` where there is a body, and the gateway's own `Origin`. Scripts send
 * `Authorization: Bearer <admin key>` instead and need neither.
 *
 * A sign-in link is `<base>/console/#sign-in=<token>`: what stands behind `#` reaches no server and no log. The page posts the
 * token as {@link SignIn} and takes it out of the address.
 */
export interface ApiError {
  readonly error: {
    /** A stable word, such as `NOT_SIGNED_IN`, `ROLE`, `CSRF`, `ORIGIN`, `TOO_MANY_ATTEMPTS`, `NOT_FOUND`, `NOT_AVAILABLE`, `BAD_REQUEST`. */
    readonly code: string;
    /** A sentence for people. */
    readonly message: string;
    /** What to do about it. */
    readonly remedy?: string;
  };
}

/** A viewer may look at all but what an operator may change. */
export type Role = 'viewer' | 'operator';

// Session

/** One of the two: the token of a one-time link, or an admin key (a token of the authorization server counts as one). */
export type SignIn = { readonly token: string } | { readonly key: string };

export interface SignedOut {
  readonly signedIn: false;
  /** What is taken: a one-time link, a key of "gateway.auth.apiKeys" with "admin", a token of "gateway.auth.jwt". */
  readonly ways: readonly ('link' | 'key' | 'token')[];
  readonly version: string;
}

export interface SignedIn {
  readonly signedIn: true;
  readonly role: Role;
  /** Who it is, as the audit log has it. */
  readonly name: string;
  /** Goes into the header `x-lockgate-csrf`. */
  readonly csrf: string;
  /** When the session ends in any case, and how long it may be silent. */
  readonly endsAt: number;
  readonly idleMs: number;
  readonly version: string;
  /** Whether "gateway.console.allowConfigurationChanges" is set and this role may use it. */
  readonly mayChangeConfiguration: boolean;
}

export type SessionState = SignedOut | SignedIn;

export interface SignInLink {
  readonly url: string;
  readonly validUntil: number;
}

// Overview

export interface Overview {
  readonly state: 'running' | 'closing' | 'closed';
  readonly version: string;
  readonly nodeVersion: string;
  readonly pid: number;
  readonly startedAt: number;
  /** Where clients connect; absent where the gateway does not listen over HTTP. */
  readonly url?: string;
  /** What the configuration was read from. */
  readonly configuration?: string;
  readonly sessions: number;
  readonly running: number;
  /** Since the start. */
  readonly totals: CallCounts;
  readonly upstreams: readonly UpstreamSummary[];
  readonly guards: readonly GuardState[];
  /** What needs somebody, the worst first. */
  readonly attention: readonly Attention[];
  /** One a second, the oldest first, at most 600. */
  readonly ticks: readonly Tick[];
}

export interface CallCounts {
  readonly calls: number;
  /** The server's own errors, and those of the gateway. */
  readonly errors: number;
  /** Answers of which a part was withheld. */
  readonly withheld: number;
  readonly denied: number;
}

/** One second. */
export interface Tick extends CallCounts {
  readonly time: number;
  /** Null where no call ended in it. Upper bounds of buckets, at most 19 % too high. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Requests being answered at its end. */
  readonly running: number;
  readonly sessions: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

export interface Attention {
  readonly severity: 'error' | 'warning';
  /** What it is about: a server, plugin or guard by its name, `configuration`, or `gateway`. */
  readonly subject: string;
  readonly message: string;
  readonly remedy: string;
}

// Servers and plugins

export type UpstreamAction = 'restart' | 'disable' | 'enable' | 'reload' | 'rollback';

export interface UpstreamSummary {
  readonly name: string;
  readonly kind: 'server' | 'plugin';
  readonly state: 'starting' | 'running' | 'restarting' | 'closed' | 'disabled';
  /** Who disabled it: the file, or somebody in the console, until the gateway's next restart. Only where it is disabled. */
  readonly disabledBy?: 'configuration' | 'console';
  /** Since when it has been in this state; absent where it is disabled. */
  readonly since?: number;
  readonly restarts: number;
  readonly tools: number;
  /** Why it is not running. */
  readonly reason?: string;
  readonly transport: 'stdio' | 'http' | 'sse' | 'wasm';
  /** What it spoke when it was last up. */
  readonly era?: 'legacy' | 'modern';
  /** The guard in front of it. */
  readonly guard?: string;
  /** What can be done with it now. */
  readonly actions: readonly UpstreamAction[];
}

export interface UpstreamList {
  readonly upstreams: readonly UpstreamSummary[];
}

export interface UpstreamDetail extends UpstreamSummary {
  /** What it calls itself. */
  readonly serverInfo?: { readonly name?: string; readonly title?: string; readonly version?: string };
  readonly instructions?: string;
  readonly resources: number;
  readonly prompts: number;
  /** Calls of it that run now. */
  readonly running: number;
  /** The last lines it wrote to stderr, the oldest first, secrets masked; none of HTTP servers. Absent where a guard decides on what it says. */
  readonly stderr?: readonly { readonly time: number; readonly text: string }[];
  /** Lines of the gateway's log that name it, the oldest first: how it started, and what became of it. */
  readonly log: readonly LogLine[];
  /** The versions of a plugin. */
  readonly plugin?: PluginVersions;
}

export interface PluginVersions {
  readonly state: 'loading' | 'live' | 'changing' | 'crash-looping';
  readonly source: string;
  readonly live: {
    readonly generation: number;
    readonly version: string | null;
    /** SHA-256, in hexadecimal. */
    readonly digest: string;
    readonly loadedAt: number;
  } | null;
  /** Versions that `rollback` can go back to. */
  readonly kept: number;
  readonly lastError: string | null;
}

export interface UpstreamActionAnswer {
  /** What was done, and what it does not change, for people. */
  readonly message: string;
  readonly upstream: UpstreamSummary;
}

export interface GuardState {
  readonly server: string;
  readonly guard: string;
  /** Why it is not in service, so that every call of its server is denied. */
  readonly failure?: string;
}

// Tools

export interface ToolList {
  readonly tools: readonly Tool[];
}

export interface Tool {
  /** As clients see it and as `POST call` takes it. */
  readonly name: string;
  readonly server: string;
  /** As its server has it. */
  readonly ownName: string;
  readonly title?: string;
  readonly description?: string;
  /** JSON Schema, as the server gave it. */
  readonly inputSchema: unknown;
  readonly outputSchema?: unknown;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

export interface CallRequest {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A result of MCP as clients get it, or the error they would get. */
export interface CallAnswer {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
  readonly durationMs: number;
  /** Its id among the calls. */
  readonly call?: string;
}

// Calls

export type Verdict = 'ok' | 'error' | 'denied' | 'filtered' | 'failed' | 'cancelled';

/** Who did what, how long and how it ended. Never arguments, never contents. */
export interface Call {
  readonly id: string;
  readonly startedAt: number;
  readonly isRunning: boolean;
  readonly principal: string;
  /** A tag that stands for the session; absent where there is none. */
  readonly session?: string;
  readonly server?: string;
  readonly method: string;
  /** Name of the tool or prompt, or the address of the resource. */
  readonly target?: string;
  readonly verdict?: Verdict;
  readonly reason?: string;
  readonly durationMs?: number;
  readonly requestBytes?: number;
  readonly responseBytes?: number;
}

export interface CallDetail extends Call {
  /** In order. One may begin within another; what is not covered is the gateway's own work. */
  readonly phases: readonly {
    readonly name: 'route' | 'label_agent' | 'label_resource' | 'backend' | 'label_response';
    readonly startMs: number;
    readonly durationMs: number;
  }[];
  /** What the reference monitor decided. */
  readonly decision?: DecisionFacts;
}

/** All of them are optional, and all that are given must hold. */
export interface CallFilter {
  readonly server?: string;
  /** A part of the name. */
  readonly tool?: string;
  readonly verdict?: Verdict;
  readonly principal?: string;
  readonly from?: number;
  readonly to?: number;
  /** `memory`: what ended since the start, at most the last 1,000, and what runs. `log`: the audit log's file. @default memory */
  readonly source?: 'memory' | 'log';
  /** From 1 to 1,000. @default 100 */
  readonly limit?: number;
  /** Goes on where an answer said {@link CallList.next}. */
  readonly before?: string;
}

export interface CallList {
  /** The newest first; what runs before what has ended. */
  readonly calls: readonly Call[];
  /** Given as `before`, continues the list; absent at its end. */
  readonly next?: string;
  /** Whether there is an audit log to look into. */
  readonly hasLog: boolean;
}

// Policy

export interface Labels {
  readonly secrecy: readonly string[];
  readonly integrity: readonly string[];
}

export interface Policy {
  /** False where no server has a guard, a policy or a call limit: then nothing is labelled. */
  readonly isActive: boolean;
  readonly guardsMode: 'strict' | 'filter' | 'propagate';
  readonly servers: readonly PolicyServer[];
  readonly agents: readonly Agent[];
  /** What the newest decisions have read, by server and labels, the newest first, at most 100. */
  readonly readings: readonly Reading[];
  /** The newest first, at most 100. */
  readonly decisions: readonly DecisionFacts[];
}

export interface PolicyServer {
  readonly name: string;
  readonly kind: 'server' | 'plugin';
  /** `guard`: a guard labels all of it. `sink`: an output channel. `open`: the public internet. */
  readonly rule: 'guard' | 'sink' | 'open';
  readonly guard?: string;
  readonly failure?: string;
  /** Secrecy that a sink takes; patterns end with `*`. */
  readonly accepts?: readonly string[];
  /** What the guard is given as its policy, as JSON. */
  readonly policy?: unknown;
  /** Calls of a tool for each session. */
  readonly limits: Readonly<Record<string, number>>;
}

/** Whether an agent could write somewhere. `asked`: its guard decides by what is written. */
export interface MayWrite {
  readonly server: string;
  readonly verdict: 'allowed' | 'denied' | 'asked';
  /** Tags of the agent that the server may not hold. */
  readonly secrecy: readonly string[];
}

/** One agent of the reference monitor: a principal in a session, or all its requests without one. */
export interface Agent extends Labels {
  readonly principal: string;
  /** A tag that stands for the session. */
  readonly session?: string;
  readonly client?: { readonly name?: string; readonly version?: string };
  readonly writes: readonly MayWrite[];
}

/** After this was read, who may be written to. The flow picture has a row for each. */
export interface Reading extends Labels {
  readonly server: string;
  /** The tool that was read last with these labels, and when. */
  readonly tool: string;
  readonly time: number;
  readonly writes: readonly MayWrite[];
}

/** One decision of the reference monitor. Tags and counts, never contents. */
export interface DecisionFacts {
  readonly id: string;
  readonly time: number;
  readonly principal: string;
  readonly session?: string;
  readonly server: string;
  readonly tool: string;
  readonly mode: 'strict' | 'filter' | 'propagate';
  readonly verdict: 'allowed' | 'filtered' | 'denied';
  /** A frame beside the calls, and which way it went. */
  readonly channel?: { readonly direction: 'up' | 'down'; readonly method: string };
  readonly operation?: 'read' | 'write' | 'read-write';
  readonly deniedBy?: 'labels' | 'guard' | 'limit' | 'state' | 'channel';
  readonly reason?: string;
  readonly agent: Labels;
  readonly agentAfter: Labels;
  readonly resource?: Labels;
  readonly withheld?: number;
  readonly total?: number;
  readonly phaseMs: Readonly<Record<string, number>>;
}

export interface ExplainRequest {
  /** Id of a decision. */
  readonly decision: string;
}

export interface ExplainedDecision {
  readonly decision: DecisionFacts;
  /** One sentence for each step, in order. */
  readonly steps: readonly { readonly title: string; readonly text: string }[];
  /** What would have to change for another outcome; absent where nothing was withheld. */
  readonly remedy?: string;
}

/** The calls are real: where the monitor allows one, its server carries it out. They share one session, which ends with them. */
export interface TryRequest {
  /** From 1 to 20. */
  readonly calls: readonly CallRequest[];
}

export interface TryAnswer {
  readonly calls: readonly (CallAnswer & {
    readonly tool: string;
    readonly decision?: DecisionFacts;
    /** Frames beside the call. */
    readonly frames: readonly DecisionFacts[];
  })[];
}

// Configuration

export interface Configuration {
  /** The file's path, or `stdin`. */
  readonly source: string;
  readonly values: readonly {
    /** Such as `gateway.listen`. */
    readonly place: string;
    /** JSON, secrets masked. */
    readonly value: string;
    /** `file`, `default`, or the flag or variable by its name. */
    readonly source: string;
  }[];
  /** What it means that its author may not have meant. */
  readonly notes: readonly string[];
  /** Keys that have changed in the file and wait for a restart. */
  readonly waitsForRestart: readonly string[];
  readonly mayChange: boolean;
  /**
   * The file's text, for operators where changes are allowed. A secret in it stands as `<<secret 1>>`, which is put back when the
   * text is checked or applied.
   */
  readonly text?: string;
  readonly format?: 'json' | 'yaml';
  /** Tells whether the file is still the same; goes back as {@link ConfigurationChange.revision}. */
  readonly revision?: string;
}

export interface ConfigurationText {
  readonly text: string;
}

export interface ConfigurationChange extends ConfigurationText {
  readonly revision: string;
}

export interface ConfigurationProblem {
  /** Such as `mcpServers.files.command`; empty where it is about the whole. */
  readonly place: string;
  readonly message: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  /** The flag or variable that it is about, where it is not about the text. */
  readonly source?: string;
}

export interface EntryDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** By name of the entry; of "gateway", keys. */
export interface ConfigurationDifference {
  readonly plugins: EntryDifference;
  readonly guards: EntryDifference;
  readonly mcpServers: EntryDifference;
  readonly gateway: readonly string[];
}

export interface ConfigurationVerdict {
  readonly isUsable: boolean;
  readonly problems: readonly ConfigurationProblem[];
  readonly notes: readonly string[];
  /** Against what runs; only where it is usable. */
  readonly difference?: ConfigurationDifference;
  readonly waitsForRestart: readonly string[];
}

export interface ConfigurationReloaded {
  /** False where it could not be used and what was served stays; `problems` say why then. */
  readonly isApplied: boolean;
  readonly problems: readonly ConfigurationProblem[];
  readonly difference?: ConfigurationDifference;
  readonly waitsForRestart: readonly string[];
}

export interface ConfigurationApplied extends ConfigurationReloaded {
  /** Where the file as it was before lies. */
  readonly backup: string;
  readonly revision: string;
}

// Log

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  /** Grows; begins anew with each start of the gateway. */
  readonly id: number;
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LogFilter {
  /** Lines after this id. */
  readonly after?: number;
  /** The least severe. @default debug */
  readonly level?: LogLevel;
  /** Only lines that name this server, plugin or guard. */
  readonly server?: string;
}

export interface LogPage {
  /** The oldest first; at most the last 1,000 that the gateway wrote. */
  readonly lines: readonly LogLine[];
  /** The newest id there is. */
  readonly last: number;
  /** Another value after each start of the gateway. */
  readonly boot: string;
}

// Events

/** Which events are sent; all where `topics` is absent. Lines of the log are filtered as in {@link LogFilter}. */
export interface EventFilter {
  /** With commas. */
  readonly topics?: string;
  readonly level?: LogLevel;
  readonly server?: string;
}

/**
 * The `event` and `data` of what `GET events` sends. Each has an id; with `Last-Event-ID` a stream goes on after it, and without it
 * begins with what comes next.
 *
 * - `gap`: something was missed that is no longer kept, or the gateway has been started anew: ask for everything again.
 * - `end`: the session has ended, or may look no longer; reconnect only after signing in.
 */
export interface Events {
  readonly tick: Tick;
  readonly upstream: UpstreamSummary;
  readonly call: Call;
  readonly log: LogLine;
  readonly gap: { readonly boot: string };
  readonly end: { readonly reason: string };
}
