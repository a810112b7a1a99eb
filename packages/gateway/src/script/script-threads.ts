import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ceilingReached } from '../ceilings.ts';
import type { ScriptsSection } from '../config/scripts-section.ts';
import type { Logger } from '../logger.ts';
import { ClientTurns } from './client-turns.ts';
import { ScriptFailedError, ScriptLimitError } from './script-errors.ts';
import { ScriptThread, type ThreadRun } from './script-thread.ts';
import type { ScriptOutcome, ThreadSetup } from './thread-messages.ts';

/** How long a thread that is not needed is kept, in milliseconds. One is kept always. */
const IDLE_MS = 10_000;

const ENGINE = '@jitl/quickjs-wasmfile-release-sync/wasm';

/** The threads of one gateway, which run the scripts of all its clients: each thread one at a time, and one more thread ready than is needed. */
export class ScriptThreads {
  readonly #setup: ThreadSetup;
  readonly #limits: ScriptsSection;
  readonly #logger: Logger;
  readonly #turns: ClientTurns<ScriptThread>;
  readonly #all = new Set<ScriptThread>();
  readonly #idle: ScriptThread[] = [];
  #idleTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isRetired = false;

  private constructor(engine: WebAssembly.Module, limits: ScriptsSection, logger: Logger) {
    this.#setup = { engine, maxMemoryBytes: limits.maxMemoryBytes };
    this.#limits = limits;
    this.#logger = logger;
    this.#turns = new ClientTurns(limits.maxRunning, () => {
      ceilingReached('waiting-scripts');
      return new ScriptLimitError('waiting', limits);
    });
    this.#start();
  }

  static async open(limits: ScriptsSection, logger: Logger): Promise<ScriptThreads> {
    const engine = await WebAssembly.compile(await readFile(fileURLToPath(import.meta.resolve(ENGINE))));
    return new ScriptThreads(engine, limits, logger);
  }

  /**
   * Runs a script once it is its turn: clients take turns, however many scripts one of them has waiting.
   *
   * @param client - Equal for scripts of one client.
   * @throws GATEWAY_SCRIPT_WAITING when too many wait; the reason of the cancellation while it waits.
   */
  async run(run: ThreadRun, client: string): Promise<ScriptOutcome> {
    const turn = this.#turns.wait(client, run.cancellation);
    this.#give();
    const thread = await turn;
    try {
      return await thread.run(run);
    } finally {
      this.#turns.over(client);
      if (this.#isRetired) this.retire();
      else this.#give();
    }
  }

  /** Ends all threads once the last script has ended: no more are given. */
  retire(): void {
    this.#isRetired = true;
    this.#give();
    if (this.#turns.running + this.#turns.waiting === 0) void this.close();
  }

  /** Ends all threads, and the scripts in them. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    await Promise.all([...this.#all].map((thread) => thread.close()));
  }

  #start(): void {
    if (this.#isClosed || this.#all.size >= this.#limits.maxRunning) return;
    let hasStarted = false;
    const thread = new ScriptThread(
      this.#setup,
      () => {
        hasStarted = true;
        this.#idle.push(thread);
        this.#give();
      },
      (_gone, failure) => {
        this.#all.delete(thread);
        const at = this.#idle.indexOf(thread);
        if (at !== -1) this.#idle.splice(at, 1);
        if (failure) this.#logger.warn({ err: failure }, 'a thread that runs scripts has ended');
        // Where one cannot start, the next would not either: whoever asks next tries again.
        if (!hasStarted) this.#turns.failAll(new ScriptFailedError('no thread could be started for it.'));
        else if (this.#all.size === 0 || this.#turns.waiting > 0) this.#start();
      },
    );
    this.#all.add(thread);
  }

  /** Lets threads that wait meet scripts that wait, and has one more thread than that. */
  #give(): void {
    for (let thread = this.#idle.at(-1); thread && this.#turns.next(thread); thread = this.#idle.at(-1))
      this.#idle.pop();
    if (this.#idle.length === 0 && this.#all.size === this.#turns.running) this.#start();
    else if (this.#idle.length > 1) this.#endIdle();
  }

  #endIdle(): void {
    this.#idleTimer ??= setTimeout(() => {
      this.#idleTimer = undefined;
      for (const thread of this.#idle.splice(1)) void thread.close();
    }, IDLE_MS);
    this.#idleTimer.unref();
  }
}
