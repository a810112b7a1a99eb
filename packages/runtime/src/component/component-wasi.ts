import { type ComponentHost, type Resource, waitsOutside } from '@lockgate/abi';
import { NodeDirectory } from '../host/wasi/node-directory.ts';
import type { WasiGrants } from '../options.ts';
import { monotonicClock, wallClock } from './clocks.ts';
import { type Console, commandLine } from './command-line.ts';
import { FileSystem } from './filesystem.ts';
import { err, type HostInterface, ok } from './host-function.ts';
import type { HostMemory } from './host-memory.ts';
import { FailedRequests } from './http/failed-requests.ts';
import type { FutureResponse, SendHttp } from './http/future-response.ts';
import { httpInterfaces } from './http.ts';
import { type KeyValueStores, noKeyValue } from './key-value.ts';
import { type Pollable, poll, type Sleep } from './pollable.ts';
import { randomInterfaces } from './random.ts';
import { type StreamError, streamFunctions } from './streams.ts';

/** What a guest that is a component reaches of the host. */
export interface ComponentWasiSetup {
  readonly console: Console;
  /** Beside its variables, which are those of each instance. @default none */
  readonly args?: readonly string[];
  readonly sleep: Sleep;
  /** One HTTP request, as JSON in and out; see `HostCapabilities` of abi. */
  readonly http: SendHttp;
  /** Told why a request over HTTP failed. */
  readonly say: (line: string) => void;
  readonly grants: WasiGrants;
  /** What passes to the guest at once. */
  readonly mostBytes: number;
  /** What is kept for all its instances. */
  readonly memory: HostMemory;
  /** @default none */
  readonly keyValue?: KeyValueStores | undefined;
  /** Whether a function may answer with a promise. @default what lets tools wait */
  readonly waits?: (interfaceName: string, name: string) => boolean;
}

const SOCKETS = 'wasi:sockets/';

/**
 * WASI 0.2 for one guest. Nothing is given that is not granted: the directories that it may use, no sockets, and of the environment
 * variables that it was granted and the guest's own settings.
 */
export class ComponentWasi {
  readonly #setup: ComponentWasiSetup;
  readonly #failed: FailedRequests;

  constructor(setup: ComponentWasiSetup) {
    this.#setup = setup;
    this.#failed = new FailedRequests(setup.say);
  }

  /** The host of one instance. */
  host(settings: Readonly<Record<string, string>>): ComponentHost {
    const { waits = waitsOutside, grants, memory } = this.#setup;
    const open = grants.storage.map((grant) => () => NodeDirectory.granted(grant));
    const files = new FileSystem(open, memory);
    const underWay = new Set<FutureResponse>();
    const interfaces = { ...this.#interfaces(settings, underWay), ...files.interfaces };
    const leaving = [memory.join(() => underWay)];
    const resources = new Map<string, Resource>();
    return {
      functionOf: (interfaceName, name) => {
        const plain = withoutVersion(interfaceName);
        if (plain.startsWith(SOCKETS)) return { call: refuseSocket(name), waits: false };
        const found = Object.hasOwn(interfaces, plain) ? interfaces[plain] : undefined;
        const call = found && Object.hasOwn(found, name) ? found[name] : missing(plain, name);
        return call && { call, waits: waits(plain, name) };
      },
      resourceOf: (interfaceName, name) => {
        const key = `${withoutVersion(interfaceName)}#${name}`;
        const known = resources.get(key);
        if (known) return known;
        const resource: Resource = { name, owner: undefined, destroy: (value) => files.drop(value) };
        resources.set(key, resource);
        return resource;
      },
      attach: (held) => void leaving.push(memory.join(held)),
      close: () => {
        for (const leave of leaving) leave();
        this.#failed.end();
        files.close();
      },
    };
  }

  #interfaces(
    settings: Readonly<Record<string, string>>,
    underWay: Set<FutureResponse>,
  ): Readonly<Record<string, HostInterface>> {
    const { console, args = [], sleep, http, grants, keyValue, memory, mostBytes } = this.#setup;
    return {
      ...commandLine({ args, environment: { ...settings, ...grants.env }, console }),
      ...randomInterfaces(mostBytes),
      ...httpInterfaces({ send: http, failed: this.#failed, memory, underWay }),
      ...(keyValue?.interfaces ?? noKeyValue),
      'wasi:clocks/monotonic-clock': monotonicClock,
      'wasi:clocks/wall-clock': wallClock,
      'wasi:io/error': { '[method]error.to-debug-string': (self: StreamError) => self.message },
      'wasi:io/poll': {
        '[method]pollable.ready': (self: Pollable) => self.ready(),
        '[method]pollable.block': (self: Pollable) => {
          const waiting = poll([self], sleep);
          return waiting instanceof Promise ? waiting.then(() => undefined) : undefined;
        },
        poll: (pollables: readonly Pollable[]) => poll(pollables, sleep),
      },
      'wasi:io/streams': streamFunctions(sleep),
      'wasi:config/store': {
        get: (key: string) => ok(Object.hasOwn(settings, key) ? settings[key] : undefined),
        'get-all': () => ok(Object.entries(settings)),
      },
    };
  }
}

function withoutVersion(interfaceName: string): string {
  return interfaceName.replace(/@.*$/, '');
}

/** A function of what a guest can have no handle of; the linker has checked that WASI has it. */
function missing(interfaceName: string, name: string): () => never {
  return () => {
    throw new WebAssembly.RuntimeError(`"${name}" of ${interfaceName} was called without anything that was granted`);
  };
}

/** What makes a socket, or looks a name up, is denied; nothing else can be called without one. */
function refuseSocket(name: string): () => unknown {
  if (name === 'instance-network') return () => ({});
  return () => err('access-denied');
}
