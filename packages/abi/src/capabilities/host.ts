/**
 * What a guest may be given, by name: HTTP, the server that a guard guards, a log, WASI preview 1, functions that whoever
 * loads it gives by name, or functions that its dialect supplies without the host's help.
 */
export type Capability = 'http' | 'backend' | 'log' | 'wasi' | 'functions' | 'kernel';

/** What a function that was given by name came to: bytes, nothing, or why it failed. */
export type GivenAnswer = Uint8Array | undefined | { readonly failure: string };

export type GuestLogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Takes a guest's log lines, as many as a call may write. */
export interface GuestLogWriter {
  /** The next line would be dropped; who asks first saves reading it out of the guest. */
  readonly isFull: boolean;
  write(level: GuestLogLevel, line: string): void;
  /** Counts a line that was not even read. */
  drop(): void;
}

/**
 * The capabilities of one guest, as host functions use them. What waits blocks in a worker and answers with a promise in
 * the calling thread; it throws, or rejects, only to trap the guest.
 */
export interface HostCapabilities {
  /** One HTTP request, as JSON in and out (`decodeHttpRequest`, `encodeHttpResponse`); a failure is a response with status 0. */
  readonly http: (request: string) => string | Promise<string>;
  /** One call of the guarded server, its arguments as JSON; undefined where it failed. */
  readonly backend: (tool: string, args: string) => Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** One function that whoever loads the guest gives by name; undefined where there is none of that name. */
  readonly functions: (name: string, args: readonly Uint8Array[]) => GivenAnswer | Promise<GivenAnswer>;
  readonly log: GuestLogWriter;
}

/** The capabilities whose host functions wait for something outside; all others answer at once. */
export const WAITING_CAPABILITIES: ReadonlySet<Capability> = new Set<Capability>(['http', 'backend', 'functions']);

/** A host function that answers at once. */
export type ImmediateFunction = (...args: never[]) => unknown;

/** A host function that waits: `ask` goes out with the guest's arguments, `finish` brings the answer into the guest. */
export interface WaitingFunction {
  readonly ask: (...args: never[]) => unknown;
  readonly finish: (asked: never, ...args: never[]) => unknown;
}

export type HostFunction = ImmediateFunction | WaitingFunction;
