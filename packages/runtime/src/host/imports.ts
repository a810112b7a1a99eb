import {
  type ExchangeGuest,
  encodeHttpFailure,
  GuestMemory,
  LockgateError,
  packSpan,
  place,
  type Span,
  unpackSpan,
} from '@lockgate/abi';
import type { GuestLogLevel } from '../options.ts';
import { type GuestLog, levelOf } from './guest-log.ts';
import { suspending } from './suspend.ts';
import type { WasiHost } from './wasi.ts';

/** Imports that wait for something outside; every other import answers at once. */
const WAITING_IMPORTS: ReadonlySet<string> = new Set(['host_http_request', 'call_backend']);

const WASI = 'wasi_snapshot_preview1';
const BACKEND_ERROR = -1;
const BACKEND_TOO_SMALL = -2;
/** What is read of a log line at most; the rest would be cut anyway. */
const MAX_LINE_BYTES = 65_536;

type BackendArguments = [
  name: number,
  nameLength: number,
  args: number,
  argsLength: number,
  result: number,
  capacity: number,
];

/** What asks the outside for a guest: blocking in a worker, with a promise inline. */
export interface HostBridge<Wait extends 'blocks' | 'suspends' = 'blocks' | 'suspends'> {
  readonly wait: Wait;
  /** A request JSON for its response JSON. Throws, or rejects, only to trap the guest. */
  readonly http: (request: string) => Asked<string, Wait>;
  /** One call of the guarded server; undefined where it failed. Throws, or rejects, only to trap the guest. */
  readonly backend: (tool: string, args: string) => Asked<Uint8Array | undefined, Wait>;
}

type Asked<T, Wait> = Wait extends 'blocks' ? T : Wait extends 'suspends' ? Promise<T> : T | Promise<T>;

/** The imports of one instance, made before it exists and told about it afterwards. */
export interface HostImports {
  readonly object: WebAssembly.Imports;
  attach(instance: WebAssembly.Instance): void;
  /** Where answers to the guest are allocated. */
  bind(guest: ExchangeGuest): void;
  /** Passes on what the guest left unfinished in its standard output. */
  flush(): void;
}

/** The name of the first import that waits, if the module has one. */
export function waitingImport(module: WebAssembly.Module): string | undefined {
  return WebAssembly.Module.imports(module).find(
    ({ module: from, name }) => from === 'env' && WAITING_IMPORTS.has(name),
  )?.name;
}

/** WASI for a module that imports it. It is loaded only then: most guests do without, and each worker would pay for it. */
export async function wasiFor(module: WebAssembly.Module, log: GuestLog): Promise<WasiHost | undefined> {
  if (!WebAssembly.Module.imports(module).some((entry) => entry.module === WASI)) return undefined;
  const { createWasi } = await import('./wasi.ts');
  return createWasi(log);
}

/** Everything a guest of this ABI may import. Source: ABI.md §1 and §2, "Imports". */
export function createImports(
  abi: 'plugin' | 'guard',
  bridge: HostBridge,
  log: GuestLog,
  wasi: WasiHost | undefined,
): HostImports {
  const guest: { memory?: GuestMemory; exchange?: ExchangeGuest } = {};
  const memory = (): GuestMemory => {
    if (!guest.memory) throw new Error('a host function was called before the guest had its memory');
    return guest.memory;
  };
  const env = abi === 'plugin' ? pluginImports(bridge, log, memory, guest) : guardImports(bridge, log, memory);
  return {
    object: wasi ? { env, [WASI]: wasi.imports } : { env },
    attach: (instance) => {
      wasi?.attach(instance);
      guest.memory = new GuestMemory(instance.exports.memory as WebAssembly.Memory);
    },
    bind: (exchange) => {
      guest.exchange = exchange;
    },
    flush: () => wasi?.flush(),
  };
}

function pluginImports(
  bridge: HostBridge,
  log: GuestLog,
  memory: () => GuestMemory,
  guest: { readonly exchange?: ExchangeGuest },
): WebAssembly.ModuleImports {
  return {
    host_log: (pointer: number, byteLength: number) => logLine(log, memory, 'info', pointer, byteLength),
    host_http_request: hostFunction(
      bridge,
      // "Never traps the guest": a request that cannot be read is a failed one. ABI.md §1
      (packed: bigint) => {
        const request = orUndefined(() => memory().readText(unpackSpan(packed)));
        return request === undefined ? encodeHttpFailure('the request lies outside memory') : bridge.http(request);
      },
      (text) => respond(guest.exchange, text),
    ),
  };
}

function guardImports(bridge: HostBridge, log: GuestLog, memory: () => GuestMemory): WebAssembly.ModuleImports {
  return {
    host_log: (level: number, pointer: number, byteLength: number) =>
      logLine(log, memory, levelOf(level), pointer, byteLength),
    call_backend: hostFunction(
      bridge,
      (...[namePointer, nameLength, argsPointer, argsLength]: BackendArguments) => {
        const tool = orUndefined(() => memory().readText(spanOf(namePointer, nameLength)));
        const args = orUndefined(() => memory().readText(spanOf(argsPointer, argsLength)));
        return tool === undefined || args === undefined ? undefined : bridge.backend(tool, args);
      },
      (result, ...[, , , , pointer, capacity]) => deliver(memory(), result, pointer >>> 0, capacity >>> 0),
    ),
  };
}

/** One host function for both ways of waiting: `ask` goes out, `finish` brings the answer into the guest. */
function hostFunction<A extends unknown[], T, R>(
  bridge: HostBridge,
  ask: (...args: A) => T | Promise<T>,
  finish: (asked: T, ...args: A) => R,
): WebAssembly.ImportValue {
  if (bridge.wait === 'blocks') return (...args: A) => finish(ask(...args) as T, ...args);
  return suspending(async (...args: A) => finish(await ask(...args), ...args));
}

/** Puts a response into the guest; one that does not fit becomes a short failure, and span 0 where not even that does. */
function respond(guest: ExchangeGuest | undefined, text: string): bigint {
  if (guest === undefined) return 0n;
  const given = orUndefined(() => place(guest, text));
  const span = given ?? orUndefined(() => place(guest, encodeHttpFailure('the response does not fit into the guest')));
  return span === undefined ? 0n : packSpan(span);
}

function deliver(memory: GuestMemory, result: Uint8Array | undefined, pointer: number, capacity: number): number {
  if (result === undefined) return BACKEND_ERROR;
  const fits = result.byteLength <= capacity;
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, result.byteLength, true);
  const written = fits ? result : capacity >= size.length ? size : size.subarray(0, 0);
  const done = orUndefined(() => {
    memory.write(pointer, written);
    return fits ? result.byteLength : BACKEND_TOO_SMALL;
  });
  return done ?? BACKEND_ERROR;
}

function logLine(
  log: GuestLog,
  memory: () => GuestMemory,
  level: GuestLogLevel,
  pointer: number,
  length: number,
): void {
  if (log.isFull) {
    log.drop();
    return;
  }
  const byteLength = Math.min(length >>> 0, MAX_LINE_BYTES);
  const line = orUndefined(() => memory().readText({ pointer: pointer >>> 0, byteLength }));
  log.write(level, line ?? 'a log line that lies outside memory');
}

function spanOf(pointer: number, byteLength: number): Span {
  return { pointer: pointer >>> 0, byteLength: byteLength >>> 0 };
}

/** The value, or undefined where the guest pointed outside its memory or had no room: host functions answer that. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (LockgateError.isInstance(error)) return undefined;
    throw error;
  }
}
