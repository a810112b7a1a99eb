import { type GuestAnswer, waitingImport } from '@lockgate/abi';
import { GuestFault } from '../fault.ts';
import { Guest } from '../guest/guest.ts';
import { GuestLog } from '../host/guest-log.ts';
import type { Isolate, IsolateSetup } from './isolate.ts';
import type { LoopTurns } from './loop-turns.ts';

/** A guest in the calling thread. It cannot be interrupted while it computes: for trusted guests only. */
export class InlineIsolate implements Isolate {
  readonly canInterrupt = false;
  readonly isBusy = false;
  readonly threads = undefined;
  readonly wantsThread = false;
  onBack: (failure?: unknown) => void = () => {};
  readonly #turns: LoopTurns;
  #guest: Guest | undefined;

  private constructor(guest: Guest, turns: LoopTurns) {
    this.#guest = guest;
    this.#turns = turns;
  }

  /** @throws GuestFault, ABI_WRONG_SHAPE */
  static async start(setup: IsolateSetup): Promise<InlineIsolate> {
    const { hostCalls } = setup;
    const guest = await Guest.start({
      module: setup.module,
      dialect: setup.dialect,
      maxMessageBytes: setup.limits.maxMessageBytes,
      memoryCeilingBytes: setup.limits.memoryCeilingBytes ?? setup.dialect.memoryCeilingBytes,
      host: {
        http: (request) => hostCalls.http(request),
        backend: (tool, args) => hostCalls.backend(tool, args),
        functions: (name, args) => hostCalls.functions(name, args),
      },
      grants: setup.grants,
      sleep: (ms) => hostCalls.sleep(ms),
      // A guest that never waits is called without a stack of its own, which costs more than a short call.
      waiting: waits(setup) ? 'suspends' : 'blocks',
      log: new GuestLog(setup.log, setup.limits.maxLogLinesPerCall),
      onWarning: setup.onWarning,
    });
    return new InlineIsolate(guest, setup.turns);
  }

  get memoryBytes(): number {
    return this.#guest?.memoryBytes ?? 0;
  }

  get leakedBytes(): number {
    return this.#guest?.leakedBytes ?? 0;
  }

  call(exportName: string, input: string | undefined, mustBeWanted: () => void): GuestAnswer | Promise<GuestAnswer> {
    return this.#turns.isDue ? this.#callLater(exportName, input, mustBeWanted) : this.#callNow(exportName, input);
  }

  explain(error: unknown): unknown {
    return this.#guest?.explain(error) ?? error;
  }

  abandon(): void {}

  park(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  end(): Promise<void> {
    this.#guest?.close();
    this.#guest = undefined;
    return Promise.resolve();
  }

  async #callLater(exportName: string, input: string | undefined, mustBeWanted: () => void): Promise<GuestAnswer> {
    while (this.#turns.isDue) {
      await this.#turns.turn();
      mustBeWanted();
    }
    return this.#callNow(exportName, input);
  }

  #callNow(exportName: string, input: string | undefined): GuestAnswer | Promise<GuestAnswer> {
    if (!this.#guest) throw new GuestFault('the instance has ended', { isTrap: true });
    const startedMs = performance.now();
    let answer: GuestAnswer | Promise<GuestAnswer>;
    try {
      answer = this.#guest.call(exportName, input);
    } finally {
      this.#turns.computedSince(startedMs);
    }
    return typeof answer === 'object' ? answer.finally(() => this.#turns.computedSince(startedMs)) : answer;
  }
}

function waits({ module, dialect, hostCalls }: IsolateSetup): boolean {
  if (!(module instanceof WebAssembly.Module)) return true;
  return waitingImport(dialect, WebAssembly.Module.imports(module), hostCalls.waits) !== undefined;
}
