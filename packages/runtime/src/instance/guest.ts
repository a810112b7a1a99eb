import {
  type Allocator,
  bindGuard,
  bindPlugin,
  callGuard,
  callGuardAsync,
  type ExchangeGuest,
  exchange,
  exchangeAsync,
  exchangeInto,
  type GuardExportName,
  type GuardExports,
  type GuardFunction,
  type GuestMemory,
  LockgateError,
} from '@lockgate/abi';
import type { GuestLog } from '../host/guest-log.ts';
import { createImports, type HostBridge, waitingImport, wasiFor } from '../host/imports.ts';
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
  /** Where a plugin's answers go as bytes, of which {@link Guest.call} then answers the number; without it they are texts. */
  readonly answerRoom?: (byteLength: number) => Uint8Array;
  /** Told once, when a guard without an allocator gets its first buffers at the end of memory. ABI.md §2, "Buffers" */
  readonly onDirectPlacement: (exportName: string) => void;
}

type Call = (exportName: string, input: string | Uint8Array | undefined) => Answer | Promise<Answer>;

/** A guest in the calling thread. Nothing here is locked: whoever calls holds the instance's turn. */
export class Guest {
  readonly #call: Call;
  readonly #leave: () => void;
  readonly #memory: GuestMemory;
  readonly #allocator: Allocator | undefined;

  private constructor({ call, memory, allocator }: BoundGuest, leave: () => void) {
    this.#call = call;
    this.#leave = leave;
    this.#memory = memory;
    this.#allocator = allocator;
  }

  /**
   * Instantiates the module and runs its start-up function.
   *
   * @throws GuestFault when it cannot be instantiated or the start-up traps, ABI_WRONG_SHAPE.
   */
  static async start(setup: GuestSetup): Promise<Guest> {
    const imports = createImports(setup.abi, setup.bridge, setup.log, await wasiFor(setup.module, setup.log));
    const suspends = setup.bridge.wait === 'suspends' && waitingImport(setup.module) !== undefined;
    try {
      const instance = await WebAssembly.instantiate(setup.module, imports.object);
      imports.attach(instance);
      const leave = (): void => {
        imports.flush();
        setup.log.endCall();
      };
      const bind = setup.abi === 'plugin' ? bindPluginGuest : bindGuardGuest;
      const bound = bind(instance, setup, suspends, leave);
      if (bound.exchange) imports.bind(bound.exchange);
      const guest = new Guest(bound, leave);
      if (bound.start) await guest.#startUp(suspends ? promising(bound.start) : bound.start);
      return guest;
    } catch (error) {
      throw passOrFault(error);
    }
  }

  get memoryBytes(): number {
    return this.#memory.byteLength;
  }

  get leakedBytes(): number {
    return this.#allocator?.leakedBytes ?? 0;
  }

  /** One export, from its input to its answer. What it throws or rejects with is for {@link explain}. */
  call(exportName: string, input: string | Uint8Array | undefined): Answer | Promise<Answer> {
    return this.#call(exportName, input);
  }

  /** What a failed call failed of: an ABI error, which leaves the guest usable, or a fault. */
  explain(error: unknown): unknown {
    this.#leave();
    return passOrFault(error);
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
}

interface BoundGuest {
  readonly call: Call;
  readonly memory: GuestMemory;
  readonly allocator?: Allocator | undefined;
  readonly exchange?: ExchangeGuest;
  readonly start?: (() => void) | undefined;
}

type Bind = (instance: WebAssembly.Instance, setup: GuestSetup, suspends: boolean, leave: () => void) => BoundGuest;

const bindPluginGuest: Bind = (instance, setup, suspends, leave) => {
  const bound = bindPlugin(instance.exports, {
    maxMessageBytes: setup.maxMessageBytes,
    onLeak: () => stopAfterTrap(bound.allocator),
  });
  const { memory, allocator, maxMessageBytes, start } = bound;
  const guest: ExchangeGuest = { memory, allocator, maxMessageBytes };
  const exported = instance.exports as unknown as Readonly<Record<string, (input: bigint) => bigint>>;
  const common = { memory, allocator, exchange: guest, start };
  const leaving = <T>(answer: T): T => {
    leave();
    return answer;
  };
  const { answerRoom } = setup;
  if (!suspends) {
    const call: Call = (exportName, input) => {
      if (exportName === 'healthy') return leaving(bound.healthy());
      if (answerRoom)
        return leaving(exchangeInto(guest, exported[exportName] as (input: bigint) => bigint, input, answerRoom));
      return exchange(guest, exported[exportName] as (input: bigint) => bigint, input, leaving);
    };
    return { ...common, call };
  }
  const promised = new Map<string, (input: bigint) => Promise<bigint>>();
  for (const [name, value] of Object.entries(exported))
    if (typeof value === 'function') promised.set(name, promising(value));
  const healthy = promising(bound.healthy);
  const call: Call = (exportName, input) => {
    if (exportName === 'healthy') return healthy().then(leaving);
    return exchangeAsync(guest, promised.get(exportName) as (input: bigint) => Promise<bigint>, input, leaving);
  };
  return { ...common, call };
};

const bindGuardGuest: Bind = (instance, setup, suspends, leave) => {
  const bound: GuardExports = bindGuard(instance.exports, {
    onLeak: () => stopAfterTrap(bound.allocator),
    onDirectPlacement: setup.onDirectPlacement,
  });
  const { memory, allocator, functions, start } = bound;
  const decode = (answer: string): string => {
    leave();
    return answer;
  };
  const call: Call = (name, input) => {
    const exportName = name as GuardExportName;
    const question = { exportName, input: input as string, decode };
    if (!suspends) return callGuard(bound, { ...question, call: functions[exportName] });
    return callGuardAsync(bound, {
      ...question,
      call: promising(functions[exportName]) as GuardFunction<Promise<number>>,
    });
  };
  return { call, memory, allocator, start };
};

/** A trap leaves the guest's shadow stack pointer where it was, so a *free* that traps is not called twice. */
function stopAfterTrap(allocator: Allocator | undefined): void {
  if (allocator?.freeTraps) allocator.stopFreeing();
}

function passOrFault(error: unknown): unknown {
  return LockgateError.isInstance(error) ? error : faultOf(error);
}
