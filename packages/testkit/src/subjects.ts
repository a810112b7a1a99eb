import type { ToolResult } from '@lockgate/abi';

/** The guests that module suites run. A subject of another ABI brings its own that do the same; see `docs/testing-your-runtime.md`. */
export type SuiteGuest =
  /** `fetchEchoGuest()`: tools `echo`, `fetch-then-echo`, `fetch-url`, `count`, `settings`, `live-blocks`. */
  | 'fetch-echo'
  /** The same, logging `enter configure` and so on in every other export too. */
  | 'talkative'
  /** `trappingGuest({ http: true })`: the same, and the tool `misbehave` traps. */
  | 'trapping'
  /** `trappingGuest({ in: 'free', http: true })`: the same, but every free traps. */
  | 'leaky'
  /** `stackLeakingGuest()`: every free traps and costs 32 bytes of 64 KiB of the guest's stack. */
  | 'stack-leaking'
  /** `versionGuest('A', { http: true })` and so on: its tool `echo` answers `A:` and its argument. */
  | 'version A'
  | 'version B'
  | 'version C'
  /** `unhealthyGuest({ http: true })`: `healthy` answers 0, everything else is as in `fetch-echo`. */
  | 'unhealthy'
  /** Bytes that are no module. */
  | 'garbage'
  /** Traps in `_initialize`. */
  | 'traps at start'
  /** Lacks `tools`. */
  | 'incomplete';

/** How a suite wants its subject. */
export interface CreateModuleOptions {
  readonly guest: SuiteGuest;
  /** The guest, assembled. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Answers the guest's HTTP requests, all of which go to `BACKEND_URL` and must be let through. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Takes what the guest logs, in the order in which it does. */
  readonly onGuestLog: (level: string, line: string) => void;
  /** Takes what the subject itself warns of; not what the guest logs. */
  readonly onWarning: (sentence: string) => void;
  /** Overrides the guest's name, where given. */
  readonly name?: string;
  /** @default exactly one */
  readonly instances?: { readonly min?: number; readonly max?: number };
}

/** What `execute` may be given besides the call. */
export interface SubjectCallOptions {
  readonly signal?: AbortSignal;
  readonly onStart?: () => void;
}

/** What the module suites need; `Plugin` of `@lockgate/runtime` fits. Methods that a subject does not support may be missing. */
export interface ModuleSubject {
  execute(tool: string, args: Readonly<Record<string, unknown>>, options?: SubjectCallOptions): Promise<ToolResult>;
  close(): Promise<void>;
  name?(): Promise<string>;
  metadata?(): Promise<object | null>;
  tools?(): Promise<readonly object[] | null>;
  configure?(settings: Readonly<Record<string, string>>): Promise<void>;
  healthy?(): Promise<boolean>;
  compactSpecs?(): Promise<object | null>;
  [Symbol.asyncDispose]?(): Promise<void>;
}

/** What a module suite may want of a subject. Everything counts as supported unless it is declared `false`, or why it is not. */
export type ModuleAbility =
  /** Guests may wait on HTTP while the call runs. */
  | 'http'
  /** The guest's tool `fetch-url` answers with what it was told of the request for its argument. */
  | 'responses'
  /** Lines that the guest logs come out in order. */
  | 'guestLog'
  /** `execute` takes an `AbortSignal`. */
  | 'signal'
  /** `execute` takes `onStart`. */
  | 'onStart'
  /** `name`, `metadata`, `tools`, `healthy`. */
  | 'questions'
  | 'configure'
  /** A call from inside a call of the same instance is refused instead of waiting for itself. */
  | 'reentry'
  /** After close the answers are those of ABI.md §1, "After close"; without it any prompt end of the call will do. */
  | 'afterClose'
  /** Callers who wait when `close` is called get their answer at once. */
  | 'turnsAway'
  /** `[Symbol.asyncDispose]`. */
  | 'dispose'
  /** An instance that trapped is replaced. */
  | 'replaces'
  /** The guest's tool `live-blocks` counts what the host has not given back. */
  | 'liveBlocks'
  /** A trap inside free is a leak, not a failure; a leaking instance is replaced in time. */
  | 'leaks'
  /** What the subject warns of comes to `onWarning`; a guest whose frees trap is something to warn of. */
  | 'warnings'
  /** `instances.max` above 1. */
  | 'pool';

/** A subject's factory and what it can do. */
export interface ModuleSuiteOptions {
  create(options: CreateModuleOptions): Promise<ModuleSubject>;
  /** A text is the reason why something is not supported: skipped tests show it. */
  readonly supports?: Readonly<Partial<Record<ModuleAbility, boolean | string>>>;
}
