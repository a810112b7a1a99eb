import {
  type BoundGuest,
  type CompiledComponent,
  type Dialect,
  type GuestAnswer,
  type HostCapabilities,
  LockgateError,
  type Suspension,
  waitingImport,
} from '@lockgate/abi';
import { componentWaits } from '../component/component-waits.ts';
import { ComponentWasi } from '../component/component-wasi.ts';
import { HostMemory } from '../component/host-memory.ts';
import { LogConsole } from '../component/log-console.ts';
import { faultOf, GuestFault } from '../fault.ts';
import type { GuestLog } from '../host/guest-log.ts';
import { linkImports, type Waiting, wasiFor } from '../host/link-imports.ts';
import { promising, suspending } from '../host/suspend.ts';
import type { WasiHost } from '../host/wasi.ts';
import type { WasiGrants } from '../options.ts';
import { type GuestState, StateExports } from './guest-state.ts';

/** What a guest is made of: a core module, or a component with its core modules. */
export type GuestCode = WebAssembly.Module | CompiledComponent;

/** Where a guest's output goes, whether all that it has open is as it was at first, and how that is closed. */
interface GuestOutput {
  flush(): void;
  readonly isAsAtFirst?: boolean;
  close?(): void;
}

/** What a guest is started with, in whichever thread. */
export interface GuestSetup {
  readonly module: GuestCode;
  readonly dialect: Dialect;
  readonly maxMessageBytes: number;
  /** Of its linear memory. */
  readonly memoryCeilingBytes: number;
  readonly host: Omit<HostCapabilities, 'log'>;
  /** What it has of this machine. */
  readonly grants: WasiGrants;
  /** How a guest sleeps; see `waiting`. */
  readonly sleep: (ms: number) => void | Promise<void>;
  /** How what `host` answers is waited for. */
  readonly waiting: Waiting;
  readonly log: GuestLog;
  /** Where a dialect that can puts its answers as bytes, of which {@link Guest.call} then answers the number. */
  readonly answerRoom?: (byteLength: number) => Uint8Array;
  /** Told what should be known of this guest; see `ConnectionSetup` of abi. */
  readonly onWarning: (exportName: string, sentence: string) => void;
  /** What another instance of the module was; this one then goes on from there, and runs no start-up. */
  readonly state?: GuestState | undefined;
  /** Whether it shall be able to leave; see {@link Guest.park}. */
  readonly parks?: boolean;
}

/** A guest in the calling thread. Nothing here is locked: whoever calls holds the instance's turn. */
export class Guest {
  readonly #bound: BoundGuest;
  readonly #call: BoundGuest['call'];
  readonly #state: StateExports | undefined;
  readonly #wasi: GuestOutput | undefined;
  readonly #log: GuestLog;
  readonly #tellsLastWords: boolean;
  /** {@link Guest.call} leaves through it where the guest answers with a promise. */
  readonly #leaving: (answer: GuestAnswer) => GuestAnswer;

  private constructor(
    bound: BoundGuest,
    state: StateExports | undefined,
    wasi: GuestOutput | undefined,
    { log, dialect }: GuestSetup,
  ) {
    this.#bound = bound;
    this.#state = state;
    this.#call = bound.call;
    this.#wasi = wasi;
    this.#log = log;
    // A plugin's caller would have got its answer too; a guard works on what its caller may not see.
    this.#tellsLastWords = dialect.role === 'plugin';
    this.#leaving = (answer) => {
      this.#leave();
      return answer;
    };
  }

  /**
   * Instantiates the module and runs its start-up function, or gives it the state of a guest that was parked.
   *
   * @throws GuestFault when it cannot be instantiated or the start-up traps, ABI_WRONG_SHAPE.
   */
  static async start(setup: GuestSetup): Promise<Guest> {
    const { module, dialect, maxMessageBytes, host, waiting, log, answerRoom, onWarning, state, grants } = setup;
    if (!(module instanceof WebAssembly.Module)) return Guest.#link(module, setup);
    const suspends = waiting === 'suspends' && waitingImport(dialect, WebAssembly.Module.imports(module)) !== undefined;
    let wasi: WasiHost | undefined;
    try {
      wasi = await wasiFor({ module, dialect, log, grants });
      const connection = dialect.connect({
        host: { ...host, log },
        maxMessageBytes,
        ...(suspends ? { promising } : {}),
        ...(answerRoom ? { answerRoom } : {}),
        onWarning,
      });
      const instance = await WebAssembly.instantiate(
        module,
        linkImports(module, connection, waiting, wasi, dialect.givenModule?.module),
      );
      wasi?.attach(instance.exports);
      const bound = connection.bind(instance.exports);
      // A connection that has no allocator puts messages where it may, and says so once.
      const parks = setup.parks === true && dialect.parks === true && bound.allocator !== undefined;
      const guest = new Guest(bound, parks ? StateExports.of(instance.exports) : undefined, wasi, setup);
      if (state) guest.#goOn(state);
      else if (bound.start) await guest.#startUp(bound.start);
      return guest;
    } catch (error) {
      wasi?.close();
      throw passOrFault(error);
    }
  }

  static #link(component: CompiledComponent, setup: GuestSetup): Guest {
    const { dialect, maxMessageBytes, host, sleep, grants, waiting, log } = setup;
    if (dialect.link === undefined) throw new TypeError(`The dialect "${dialect.id}" has no components.`);
    const suspends = waiting === 'suspends' && componentWaits(component) !== undefined;
    const console = new LogConsole(log);
    const say = (line: string): void => log.write('warn', line);
    const wasi = new ComponentWasi({
      ...{ console, sleep, http: host.http, say, grants },
      memory: new HostMemory(setup.memoryCeilingBytes),
      mostBytes: maxMessageBytes,
    });
    try {
      const bound = dialect.link({
        component,
        host: (settings) => wasi.host(settings),
        maxMessageBytes,
        ...(suspends ? { suspension: { promising, suspending } as Suspension } : {}),
      });
      return new Guest(bound, undefined, console, setup);
    } catch (error) {
      console.flush();
      throw passOrFault(error);
    }
  }

  get memoryBytes(): number {
    return this.#bound.memory.byteLength;
  }

  get leakedBytes(): number {
    return this.#bound.allocator?.leakedBytes ?? 0;
  }

  /** Whether it can leave, as far as is known before it is tried. */
  get parks(): boolean {
    return this.#state !== undefined;
  }

  /** Its state, to be given to another instance in its place; undefined where the guest has to stay. Between two calls. */
  park(): GuestState | undefined {
    const isWhole = this.leakedBytes === 0 && (this.#wasi?.isAsAtFirst ?? true);
    const state = isWhole ? this.#state?.take() : undefined;
    return state && this.#bound.kept ? { ...state, kept: this.#bound.kept.take() } : state;
  }

  /** Closes what it has open; nothing of it is called again. */
  close(): void {
    this.#wasi?.close?.();
  }

  /** One export, from its input to its answer. What it throws or rejects with is for {@link explain}. */
  call(exportName: string, input: string | Uint8Array | undefined): GuestAnswer | Promise<GuestAnswer> {
    const answer = this.#call(exportName, input);
    if (typeof answer === 'object') return answer.then(this.#leaving);
    this.#leave();
    return answer;
  }

  /** To be called once the answer has been given: what can be done before the next call is done now. */
  prepare(): void {
    try {
      this.#bound.prepare?.();
    } catch {
      // The next call has it to do then, and fails of it.
    }
  }

  /** What a failed call failed of: an ABI error, which leaves the guest usable, or a fault. */
  explain(error: unknown): unknown {
    this.#wasi?.flush();
    const lastWords = this.#tellsLastWords ? this.#log.lastWords : undefined;
    this.#log.endCall();
    const { byteLength, ownByteLength = byteLength } = this.#bound.memory;
    return passOrFault(error, { lastWords, memoryBytes: ownByteLength });
  }

  #goOn(state: GuestState): void {
    this.#state?.give(state);
    this.#bound.kept?.give(state.kept as never);
  }

  /** Leaving with exit code 0 is how a start-up function may end. */
  async #startUp(start: () => void | Promise<void>): Promise<void> {
    try {
      await start();
      this.#leave();
    } catch (error) {
      const fault = this.explain(error);
      if (!(fault instanceof GuestFault) || fault.isTrap) throw fault;
    }
  }

  #leave(): void {
    this.#wasi?.flush();
    this.#log.endCall();
  }
}

function passOrFault(error: unknown, known?: Parameters<typeof faultOf>[1]): unknown {
  return LockgateError.isInstance(error) ? error : faultOf(error, known);
}
