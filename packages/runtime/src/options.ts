import type { LookupAddress } from 'node:dns';
import {
  builtInDialects,
  type Dialect,
  type ExportedTool,
  type GuestLogLevel,
  LONGEST_MESSAGE_BYTES,
} from '@lockgate/abi';
import type { CompilationCache } from '@lockgate/cache';
import type { Logger } from './logger.ts';

/** Where a guest runs: in a worker thread of its own (any guest), or in the calling thread (trusted guests only). */
export type Isolation = 'worker' | 'inline';

export type { GuestLogLevel } from '@lockgate/abi';

/** The part of `fetch` that the host function needs; redirects are never left to it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Resolves a host name to all its addresses, as `dns.promises.lookup(host, { all: true })` does. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Where the bytes of a module are: themselves, a path, or a `file:` URL. */
export type ModuleSource = Uint8Array | string | URL;

const MIB = 1024 * 1024;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Limits of one module; those given to `createRuntime` are the defaults of every module it loads. */
export interface Limits {
  /** Ceiling on linear memory, in bytes. @default what the dialect says: 268_435_456 (256 MiB) for plugins, 33_554_432 (32 MiB) for guards; ABI.md §3 */
  readonly memoryCeilingBytes?: number;
  /** Longest time a call may spend in the guest, in ms; inline only the time it is suspended counts. @default 60_000 */
  readonly callTimeoutMs?: number;
  /** Longest time a call may wait for its turn, in ms. @default 60_000 */
  readonly queueTimeoutMs?: number;
  /** Most calls that wait at once. @default 10_000 */
  readonly maxQueue?: number;
  /** How long `close` lets running calls go on, in ms. @default 5_000 */
  readonly drainMs?: number;
  /** How long the guest of an aborted call may take to come back before it is ended, in ms; see `ExecuteOptions.signal`. @default 500 */
  readonly abortGraceMs?: number;
  /** How long an instance above `instances.min` may idle before it ends, in ms. @default 30_000 */
  readonly idleMs?: number;
  /** Largest message in either direction, in bytes, checked before anything is copied. @default 16_777_216 (16 MiB) */
  readonly maxMessageBytes?: number;
  /** Bytes a guest may fail to free before its instance is replaced. @default 8_388_608 (8 MiB) */
  readonly maxLeakedBytes?: number;
  /** Log lines one call may write; what is above is counted and dropped. @default 1_000 */
  readonly maxLogLinesPerCall?: number;
  /** Host calls (HTTP, back end) one call may make; the one above it traps the guest. @default 1_000 */
  readonly maxHostCallsPerCall?: number;
  /** HTTP requests of one module at a time; those above are answered with status 0. @default 64 */
  readonly maxConcurrentHttp?: number;
  /** Largest HTTP response body, in bytes. @default 10_485_760 (10 MiB; ABI.md §1) */
  readonly maxHttpResponseBytes?: number;
}

/** How many instances a module has. Guests may keep state, so more than one is a choice. */
export interface InstanceCount {
  /** Instances that are kept, even idle. @default 1 */
  readonly min?: number;
  /** Most instances at once; those above `min` start only while all are busy and calls wait. @default 1 */
  readonly max?: number;
}

/** An instance that ended by the guest's own fault, or could not be started. */
export interface GuestFailure {
  readonly cause: Error;
  /** Failures of the module since a call last succeeded, this one included. */
  readonly failures: number;
  /** Whether calls of the module fail fast because of it; may be asked later, too. */
  readonly isCrashLooping: () => boolean;
}

/** A directory that a guest may use, under its own path. */
export interface StorageGrant {
  /**
   * Absolute. Links on the way to it are followed when the first guest is loaded with this grant; where they lead later changes nothing, and a
   * link in the place of the directory that was found then gives nothing.
   */
  readonly path: string;
  readonly writable: boolean;
}

/** A grant, and where its directory was found; no name on the way to that was a link. */
export interface PlacedGrant extends StorageGrant {
  readonly place: string;
}

/** What a guest has of this machine through WASI, of whichever version. */
export interface WasiGrants {
  readonly storage: readonly PlacedGrant[];
  /** Its environment; all of it, but for a component, which finds its settings there as well. */
  readonly env: Readonly<Record<string, string>>;
}

interface ModuleOptions extends Limits {
  readonly instances?: InstanceCount;
  /** @default the runtime's */
  readonly isolation?: Isolation;
  /** Called with every log line of the guest, in the order the guest wrote them. */
  readonly onGuestLog?: (level: GuestLogLevel, line: string) => void;
  /** Told whenever an instance has failed, before it is replaced, also where no caller hears of it. Not after close. */
  readonly onFailure?: (failure: GuestFailure) => void;
}

/** What a function that a guest calls knows of that call. */
export interface GivenContext {
  /** Ends with the guest's call. */
  readonly signal: AbortSignal;
  /** Who called the guest: `ExecuteOptions.caller`. */
  readonly caller: unknown;
  /** Lets the deadline of the guest's call stand still until the function that it answers is called: for what waits for people. */
  readonly hold: () => () => void;
}

/**
 * A function that guests import by name. It is given the bytes that the guest handed over, and answers with bytes or nothing;
 * where it throws, the guest's call fails with its message.
 */
export type GivenFunction = (
  args: readonly Uint8Array[],
  context: GivenContext,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** How one plugin is loaded. */
export interface PluginOptions extends ModuleOptions {
  /** Replaces the name the guest gives itself. */
  readonly name?: string;
  /** What the guest may reach: host names, `*.domain`, `*` (public addresses only), addresses, ranges. @default nothing */
  readonly http?: { readonly allow?: readonly string[] };
  /** Handed to `configure` before the first call of every instance. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Directories that it may use through WASI. @default none */
  readonly storage?: readonly StorageGrant[];
  /** Variables that it finds in its environment. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** The tools of a plugin that does not say what they are, as those of Extism; refused for one that does. */
  readonly exports?: Readonly<Record<string, ExportedTool>>;
  /**
   * Functions that the guest may import by name, as those of `extism:host/user`; one that imports what is not here is
   * refused. Each call of one counts as a host call. @default none
   */
  readonly functions?: Readonly<Record<string, GivenFunction>>;
}

/** How one guard is loaded. */
export interface GuardOptions extends ModuleOptions {
  /** The module's name in errors, logs and stack traces; empty falls back to `guard`. */
  readonly name: string;
  /**
   * One read-only tool call on the guarded server. The signal ends with the guard's call; `caller` is that of the guard's call, and undefined where a guest
   * calls while it starts or takes a policy again.
   */
  readonly callBackend: (tool: string, args: unknown, signal: AbortSignal, caller: unknown) => Promise<Uint8Array>;
}

/** What a runtime is made of. */
export interface RuntimeOptions extends Limits {
  /** Compiles modules. The caller closes it. @default one in memory, owned by the runtime */
  readonly cache?: CompilationCache;
  /** @default silent */
  readonly logger?: Logger;
  /** @default 'worker' */
  readonly isolation?: Isolation;
  /**
   * The dialects that guests may speak; a module is taken for the one of its role that it resembles most.
   *
   * @default `builtInDialects` of abi
   */
  readonly dialects?: readonly Dialect[];
  /** Makes the requests of guests. The addresses it connects to are its own affair. @default undici, with every address checked */
  readonly fetch?: Fetch;
  /** Resolves host names; every address is checked before it is connected to. @default dns.promises.lookup */
  readonly lookup?: Lookup;
}

/** Every limit of a module; without a ceiling on memory its dialect's holds. */
export type ResolvedLimits = Readonly<Required<Omit<Limits, 'memoryCeilingBytes'>>> &
  Pick<Limits, 'memoryCeilingBytes'>;

interface LimitRule {
  /** Undefined where the dialect says what holds. */
  readonly fallback: number | undefined;
  readonly min: number;
  readonly max: number;
}

const size = (fallback: number | undefined, min = 1): LimitRule => ({ fallback, min, max: 2 ** 32 });
const time = (fallback: number, min = 1): LimitRule => ({ fallback, min, max: LONGEST_TIMER_MS });
const count = (fallback: number, min = 1): LimitRule => ({ fallback, min, max: Number.MAX_SAFE_INTEGER });

const RULES: Readonly<Record<keyof Limits, LimitRule>> = {
  memoryCeilingBytes: size(undefined, 65_536),
  callTimeoutMs: time(60_000),
  queueTimeoutMs: time(60_000),
  maxQueue: count(10_000, 0),
  drainMs: time(5_000, 0),
  abortGraceMs: time(500, 0),
  idleMs: time(30_000, 0),
  maxMessageBytes: { fallback: 16 * MIB, min: 1_024, max: LONGEST_MESSAGE_BYTES },
  maxLeakedBytes: size(8 * MIB, 0),
  maxLogLinesPerCall: count(1_000, 0),
  maxHostCallsPerCall: count(1_000, 0),
  maxConcurrentHttp: count(64, 0),
  maxHttpResponseBytes: { fallback: 10 * MIB, min: 0, max: 512 * MIB },
};

/** Every limit of a module: the module's own, else the runtime's, else the default. @throws TypeError for a bad value. */
export function resolveLimits(given: Limits, runtime: Limits): ResolvedLimits {
  const resolved: Partial<Record<keyof Limits, number>> = {};
  for (const key of Object.keys(RULES) as (keyof Limits)[]) {
    const rule = RULES[key];
    const value = given[key] ?? runtime[key] ?? rule.fallback;
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < rule.min || value > rule.max) {
      throw new TypeError(
        `Expected "${key}" to be a whole number from ${rule.min} to ${rule.max}, got ${String(value)}.`,
      );
    }
    resolved[key] = value;
  }
  return resolved as ResolvedLimits;
}

/** @throws TypeError unless 0 ≤ min ≤ max and 1 ≤ max ≤ 1,024. */
export function resolveInstances(given: InstanceCount = {}): Required<InstanceCount> {
  const max = given.max ?? Math.max(1, given.min ?? 1);
  const min = given.min ?? Math.min(1, max);
  if (!Number.isInteger(max) || max < 1 || max > 1_024) {
    throw new TypeError(`Expected "instances.max" to be a whole number from 1 to 1024, got ${String(max)}.`);
  }
  if (!Number.isInteger(min) || min < 0 || min > max) {
    throw new TypeError(`Expected "instances.min" to be a whole number from 0 to ${max}, got ${String(min)}.`);
  }
  return { min, max };
}

/** @throws TypeError for anything but the two kinds. */
export function resolveIsolation(given: Isolation | undefined, fallback: Isolation): Isolation {
  const isolation = given ?? fallback;
  if (isolation !== 'worker' && isolation !== 'inline') {
    throw new TypeError(`Expected "isolation" to be "worker" or "inline", got ${String(isolation)}.`);
  }
  return isolation;
}

/** @throws TypeError unless there is at least one dialect, and each id once. */
export function resolveDialects(given: readonly Dialect[] = builtInDialects): readonly Dialect[] {
  const ids = given.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new TypeError(`Expected each id once among "dialects", got "${twice}" twice.`);
  if (ids.length === 0) throw new TypeError('Expected "dialects" to have at least one dialect, got none.');
  return given;
}
