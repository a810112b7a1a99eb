import type { StorageGrant } from '../config/storage-grant.ts';
import { residentBytes } from '../resident-bytes.ts';
import { type ChildEvents, ChildProcess, type Program, type ProgramManner } from './child-process.ts';
import { GroupKeeper } from './group-keeper.ts';
import type { HttpClient } from './http-client.ts';
import { HAS_GROUPS } from './process-group.ts';
import { type Spawned, spawnHere } from './spawned.ts';
import { Spawner } from './spawner.ts';
import { StartQueue, type TurnOptions } from './start-queue.ts';

/** From this much memory on, in bytes, another process starts the programs: until then it takes some 10 ms to do it here. */
const LARGE_BYTES = 160 * 1024 * 1024;

/** A program for WASI, which runs in a thread of this process. */
export interface GuestProgram extends ProgramManner {
  /** What it is called where something is told of it. */
  readonly name: string;
  /** Its file. */
  readonly wasm: string;
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly storage: readonly StorageGrant[];
  readonly keyValue: 'memory' | undefined;
  /** What it may reach over HTTP, where it is a component. */
  readonly hosts: readonly string[];
  readonly memoryCeilingBytes?: number | undefined;
  /** How long it may compute without waiting for anything. */
  readonly callTimeoutMs: number;
}

/** Starts whole servers in threads; rejects with an Error that says why one cannot be started. The signal ends one that is starting. */
export interface GuestStarter {
  /** One that is spoken to over stdin and stdout. */
  startServer(program: GuestProgram, signal: AbortSignal): Promise<Spawned>;
  /** One that answers HTTP. */
  startService(
    program: GuestProgram,
    signal: AbortSignal,
  ): Promise<{ readonly child: Spawned; readonly client: HttpClient }>;
  /** How the server in a file is spoken to; over stdin and stdout where that cannot be told. */
  speaks(file: string): Promise<'stdio' | 'http'>;
}

const noGuests = (): Promise<GuestStarter> =>
  Promise.reject(new TypeError('Expected a way to start guests, got none.'));

/** Owns every program that a gateway has started: so many start at once, and none of them outlives the gateway. */
export class Programs {
  readonly #queue: StartQueue;
  // The processes of a container end with its first one, whatever happens to that.
  readonly #keeper = HAS_GROUPS && process.pid !== 1 ? new GroupKeeper() : undefined;
  readonly #spawner = HAS_GROUPS ? new Spawner() : undefined;
  readonly #guests: () => Promise<GuestStarter>;
  readonly #running = new Set<ChildProcess>();
  #isClosed = false;
  #areShared = false;

  /**
   * @param startConcurrency - How many may start at once.
   * @param guests - Defaults to: no guest can be started.
   */
  constructor(startConcurrency: number, guests: () => Promise<GuestStarter> = noGuests) {
    this.#guests = guests;
    this.#queue = new StartQueue(startConcurrency);
  }

  /** So many may start at once from now on. */
  allow(startConcurrency: number): void {
    this.#queue.allow(startConcurrency);
  }

  /**
   * Does what starts a program, and waits until it is of use, when it is its turn.
   *
   * @throws the reason of the cancellation where that comes first; what the work throws.
   */
  inTurn<T>(work: () => Promise<T>, options: TurnOptions): Promise<T> {
    return this.#queue.inTurn(work, options);
  }

  /** Several clients may call them from now on: what a program writes because of one is not for another. */
  share(): void {
    this.#areShared = true;
  }

  get areShared(): boolean {
    return this.#areShared;
  }

  /**
   * @param signal - Ends a guest that is starting: it may run code of its own already.
   * @throws an Error that says why the program cannot be started.
   */
  async start(program: Program | GuestProgram, events: ChildEvents, signal: AbortSignal): Promise<ChildProcess> {
    return this.#own(
      'wasm' in program
        ? ChildProcess.of(await (await this.#guests()).startServer(program, signal), program, events)
        : await this.#startProcess(program, events),
    );
  }

  /**
   * Starts a guest that answers HTTP.
   *
   * @param signal - Ends it while it is starting.
   * @throws an Error that says why it cannot be started.
   */
  async startService(
    program: GuestProgram,
    events: ChildEvents,
    signal: AbortSignal,
  ): Promise<{ readonly child: ChildProcess; readonly client: HttpClient }> {
    const { child, client } = await (await this.#guests()).startService(program, signal);
    // Its lines on stderr are of many requests, of which others are other callers'.
    const manner = { redact: program.redact, tellsWords: () => false };
    return { child: await this.#own(ChildProcess.of(child, manner, events)), client };
  }

  /** How the server in a file is spoken to. */
  async speaks(file: string): Promise<'stdio' | 'http'> {
    return (await this.#guests()).speaks(file);
  }

  /** Ends all of them. Resolves when none is left, or nothing more can be done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#running].map((child) => child.close()));
    this.#spawner?.close();
    this.#keeper?.close();
  }

  async #own(child: ChildProcess): Promise<ChildProcess> {
    this.#running.add(child);
    void child.gone.then(() => this.#running.delete(child));
    if (this.#isClosed) await child.close();
    return child;
  }

  async #startProcess(program: Program, events: ChildEvents): Promise<ChildProcess> {
    const spawner = (residentBytes() ?? 0) > LARGE_BYTES ? this.#spawner : undefined;
    const child = await ChildProcess.start(program, events, (options) => spawner?.spawn(options) ?? spawnHere(options));
    this.#keeper?.note(child.pid);
    void child.gone.then(() => this.#keeper?.forget(child.pid));
    return child;
  }
}
