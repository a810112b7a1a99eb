import {
  type Allocator,
  bindGuard,
  bindPlugin,
  callGuard,
  callGuardAsync,
  type ExchangeGuest,
  exchange,
  exchangeAsync,
  type GuardExportName,
  type GuardExports,
  type GuardFunction,
  type GuestMemory,
  LockgateError,
} from '@lockgate/abi';
import type { GuestLog } from '../host/guest-log.ts';
import { createImports, type HostBridge, type HostImports, waitingImport } from '../host/imports.ts';
import { promising } from '../host/suspend.ts';
import type { Answer } from '../isolate/isolate.ts';
import { faultOf } from './trap.ts';

/** What a guest is started with, in whichever thread. */
export interface GuestSetup {
  readonly module: WebAssembly.Module;
  readonly abi: 'plugin' | 'guard';
  readonly maxMessageBytes: number;
  readonly bridge: HostBridge;
  readonly log: GuestLog;
  /** Told once, when a guard without an allocator gets its first buffers at the end of memory. ABI.md §2, "Buffers" */
  readonly onDirectPlacement: (exportName: string) => void;
}

type Call = (exportName: string, input: string | Uint8Array | undefined) => Answer | Promise<Answer>;

const keepText = (text: string): string => text;

/** A guest in the calling thread. Nothing here is locked: whoever calls holds the instance's turn. */
export class Guest {
  readonly #call: Call;
  readonly #log: GuestLog;
  readonly #imports: HostImports;
  readonly #memory: GuestMemory;
  readonly #allocator: Allocator | undefined;

  private constructor(call: Call, setup: GuestSetup, imports: HostImports, bound: BoundGuest) {
    this.#call = call;
    this.#log = setup.log;
    this.#imports = imports;
    this.#memory = bound.memory;
    this.#allocator = bound.allocator;
  }

  /**
   * Instantiates the module and runs its start-up function.
   *
   * @throws GuestFault when the start-up traps, ABI_WRONG_SHAPE, WebAssembly.LinkError.
   */
  static async start(setup: GuestSetup): Promise<Guest> {
    const imports = createImports(setup.abi, setup.bridge, setup.log);
    const suspends = setup.bridge.wait === 'suspends' && waitingImport(setup.module) !== undefined;
    try {
      const instance = await WebAssembly.instantiate(setup.module, imports.object);
      imports.attach(instance);
      const bound =
        setup.abi === 'plugin' ? bindPluginGuest(instance, setup, suspends) : bindGuardGuest(instance, setup, suspends);
      if (bound.exchange) imports.bind(bound.exchange);
      const guest = new Guest(bound.call, setup, imports, bound);
      if (bound.start) await guest.#startUp(suspends ? promising(bound.start) : bound.start);
      return guest;
    } catch (error) {
      if (error instanceof WebAssembly.LinkError) throw error;
      throw passOrFault(error);
    }
  }

  get memoryBytes(): number {
    return this.#memory.byteLength;
  }

  get leakedBytes(): number {
    return this.#allocator?.leakedBytes ?? 0;
  }

  /** One export, from its input to its answer. @throws GuestFault and the errors of abi's exchange. */
  call(exportName: string, input: string | Uint8Array | undefined): Answer | Promise<Answer> {
    let answer: Answer | Promise<Answer>;
    try {
      answer = this.#call(exportName, input);
    } catch (error) {
      this.#leave();
      throw passOrFault(error);
    }
    if (typeof answer === 'object') return this.#finish(answer);
    this.#leave();
    return answer;
  }

  async #finish(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      throw passOrFault(error);
    } finally {
      this.#leave();
    }
  }

  /** Leaving with exit code 0 is how a start-up function may end. */
  async #startUp(start: () => void | Promise<void>): Promise<void> {
    try {
      await start();
    } catch (error) {
      const fault = faultOf(error);
      if (fault.isTrap) throw fault;
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    this.#imports.flush();
    this.#log.endCall();
  }
}

interface BoundGuest {
  readonly call: Call;
  readonly memory: GuestMemory;
  readonly allocator?: Allocator | undefined;
  readonly exchange?: ExchangeGuest;
  readonly start?: (() => void) | undefined;
}

function bindPluginGuest(instance: WebAssembly.Instance, setup: GuestSetup, suspends: boolean): BoundGuest {
  const bound = bindPlugin(instance.exports, {
    maxMessageBytes: setup.maxMessageBytes,
    onLeak: () => stopAfterTrap(bound.allocator),
  });
  const { memory, allocator, maxMessageBytes } = bound;
  const guest: ExchangeGuest = { memory, allocator, maxMessageBytes };
  const raw = instance.exports as unknown as Record<string, (input: bigint) => bigint>;
  const common = { memory, allocator, exchange: guest, start: bound.start };
  if (!suspends) {
    const call: Call = (exportName, input) => {
      if (exportName === 'healthy') return bound.healthy();
      return exchange(guest, raw[exportName] as (input: bigint) => bigint, input, keepText);
    };
    return { ...common, call };
  }
  const wrapped = new Map<string, (input: bigint) => Promise<bigint>>();
  const healthy = promising(bound.healthy);
  const call: Call = (exportName, input) => {
    if (exportName === 'healthy') return healthy();
    let exported = wrapped.get(exportName);
    if (!exported) {
      exported = promising(raw[exportName] as (input: bigint) => bigint);
      wrapped.set(exportName, exported);
    }
    return exchangeAsync(guest, exported, input, keepText);
  };
  return { ...common, call };
}

function bindGuardGuest(instance: WebAssembly.Instance, setup: GuestSetup, suspends: boolean): BoundGuest {
  const bound: GuardExports = bindGuard(instance.exports, {
    onLeak: () => stopAfterTrap(bound.allocator),
    onDirectPlacement: setup.onDirectPlacement,
  });
  const decode = keepText;
  const call: Call = (name, input) => {
    const exportName = name as GuardExportName;
    const exported = bound.functions[exportName];
    const question = { exportName, input: input as string, decode };
    if (!suspends) return callGuard(bound, { ...question, call: exported });
    return callGuardAsync(bound, { ...question, call: promising(exported) as GuardFunction<Promise<number>> });
  };
  return { call, memory: bound.memory, allocator: bound.allocator, start: bound.start };
}

/** A trap leaves the guest's shadow stack pointer where it was, so a *free* that traps is not called twice. */
function stopAfterTrap(allocator: Allocator | undefined): void {
  if (allocator?.freeTraps) allocator.stopFreeing();
}

function passOrFault(error: unknown): unknown {
  return LockgateError.isInstance(error) ? error : faultOf(error);
}
