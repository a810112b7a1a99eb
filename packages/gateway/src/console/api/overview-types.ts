import type { LogLine } from './log-types.ts';

export interface Overview {
  readonly state: 'running' | 'closing' | 'closed';
  readonly version: string;
  readonly nodeVersion: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly uptimeMs: number;
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
  /** Those that serve, of a gateway that has several; `pid` is then that of the one that keeps them. */
  readonly processes?: readonly ProcessSummary[];
}

export interface ProcessSummary {
  readonly number: number;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: number;
  readonly sessions: number;
  readonly running: number;
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
  /** Null where no call ended in it. Upper bounds of buckets, at most 12.5 % or a microsecond too high. */
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

export type UpstreamAction = 'restart' | 'disable' | 'enable' | 'reload' | 'rollback';

export interface UpstreamSummary {
  readonly name: string;
  readonly kind: 'server' | 'plugin';
  readonly state: 'starting' | 'running' | 'restarting' | 'not loaded' | 'needs login' | 'closed' | 'disabled';
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
  /** Why every call of its server is denied: it is not in service, or does not take its policy. */
  readonly failure?: string;
  /** What to do about the failure. */
  readonly remedy?: string;
}
