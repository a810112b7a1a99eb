import { Worker } from 'node:worker_threads';
import { processorMs } from '@lockgate/runtime/thread-time';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { FromThread, ScriptOutcome, ThreadLimits, ThreadSetup, ToThread } from './thread-messages.ts';

/** How long a thread may take to put a script away, in milliseconds, before it is ended with it. */
const STOP_MS = 250;
/** How often a busy thread is looked at from outside, in milliseconds. */
const LOOK_MS = 250;
/** Of the processor time: what cannot be interrupted from inside is ended when it has been busy for so many times that. */
const BUSY_FACTOR = 2;
/** JavaScript memory of the thread itself: texts on their way, a few times. */
const HEAP_MIB = 128;

// From source Node strips the types itself; built, the entry lies beside this file's bundle.
const isSource = import.meta.url.endsWith('.ts');
const entry = new URL(isSource ? './script-entry.ts' : './script-entry.js', import.meta.url);

const utf8 = new TextEncoder();

type Ask = Extract<FromThread, { type: 'ask' }>;

/** A script on its way into a thread. */
export interface ThreadRun {
  readonly code: string;
  readonly limits: ThreadLimits & { readonly timeoutMs: number };
  /** Ends it when the client no longer wants it. */
  readonly cancellation: Cancellation;
  /** Answers what the script asks, as JSON. Rejects with a {@link ScriptAnswerError} in place of an answer. */
  readonly asked: (ask: Ask) => Promise<Uint8Array>;
}

interface Current {
  readonly run: ThreadRun;
  readonly end: (outcome: ScriptOutcome) => void;
}

/** A worker thread that runs scripts one after another. It does not keep the process alive. */
export class ScriptThread {
  readonly #worker: Worker;
  readonly #onReady: (thread: ScriptThread) => void;
  #current: Current | undefined;
  #stopTimer: NodeJS.Timeout | undefined;
  #isGone = false;
  #isClosing = false;
  #threadNumber = 0;

  /**
   * @param onReady - Called each time a sandbox waits for a script.
   * @param onGone - Called once, when the thread is no more.
   */
  constructor(
    setup: ThreadSetup,
    onReady: (thread: ScriptThread) => void,
    onGone: (thread: ScriptThread, failure: Error | undefined) => void,
  ) {
    this.#onReady = onReady;
    this.#worker = new Worker(entry, {
      ...{ workerData: setup, name: 'lockgate script', env: {}, trackUnmanagedFds: false },
      ...{ stdin: false, stdout: true, stderr: true }, // nothing of it may reach the process's own
      execArgv: ['--disable-warning=ExperimentalWarning'], // Node's stripping of types warns in versions that have it already
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    this.#worker.unref();
    let failure: Error | undefined;
    this.#worker.on('message', (message: FromThread) => this.#said(message));
    this.#worker.on('error', (error: Error) => {
      failure = error;
    });
    this.#worker.on('exit', () => {
      this.#isGone = true;
      clearTimeout(this.#stopTimer);
      this.#end({ kind: 'threw', text: 'it broke the thread that it ran in', logs: [] });
      onGone(this, failure);
    });
  }

  /** Runs a script in the sandbox that waits. Resolves when it has ended, whatever ended it. */
  async run(run: ThreadRun): Promise<ScriptOutcome> {
    const { code, limits, cancellation } = run;
    const { promise, resolve } = Promise.withResolvers<ScriptOutcome>();
    this.#current = { run, end: resolve };
    const late = setTimeout(() => this.#stop({ kind: 'limit', limit: 'time', logs: [] }), limits.timeoutMs);
    const startedMs = this.#busyMs();
    const look = setInterval(() => {
      if (this.#busyMs() - startedMs <= BUSY_FACTOR * limits.maxProcessorMs) return;
      this.#end({ kind: 'limit', limit: 'processor', logs: [] });
      void this.close();
    }, LOOK_MS);
    const forget = cancellation.onCancel(() => this.#stop({ kind: 'threw', text: 'it was cancelled', logs: [] }));
    const { maxProcessorMs, maxCalls, maxParallelCalls, maxOutputBytes } = limits;
    if (this.#current) {
      this.#post({ type: 'run', code, limits: { maxProcessorMs, maxCalls, maxParallelCalls, maxOutputBytes } });
    }
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      clearInterval(look);
      forget();
    }
  }

  /** Processor time of the thread as seen from outside; where the system does not say it, how long it has been busy. */
  #busyMs(): number {
    const ms = processorMs(this.#threadNumber);
    return Number.isNaN(ms) ? this.#worker.performance.eventLoopUtilization().active : ms;
  }

  /** Ends the thread wherever it is. Idempotent. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
  }

  #said(message: FromThread): void {
    switch (message.type) {
      case 'ready':
        clearTimeout(this.#stopTimer);
        this.#threadNumber = message.threadNumber;
        // It may have said so before it heard of its end.
        if (!this.#isClosing) this.#onReady(this);
        break;
      case 'ask':
        if (this.#current) void this.#answer(message, this.#current);
        break;
      case 'ended':
        this.#end(message.outcome);
        break;
      default: {
        const unknown: never = message;
        throw new TypeError(`No message of a script thread: ${String(unknown)}.`);
      }
    }
  }

  async #answer(ask: Ask, current: Current): Promise<void> {
    const [answer] = await Promise.allSettled([current.run.asked(ask)]);
    // What comes late belongs to a sandbox that is no more.
    if (this.#current !== current) return;
    const ok = answer.status === 'fulfilled';
    const json = ok ? answer.value : utf8.encode(JSON.stringify(wordsOf(answer.reason)));
    this.#post({ type: 'answer', id: ask.id, ok, json });
  }

  /** Puts the script away, with the thread where it does not let itself be put away. */
  #stop(outcome: ScriptOutcome): void {
    if (!this.#current) return;
    this.#end(outcome);
    this.#stopTimer = setTimeout(() => void this.close(), STOP_MS);
    this.#post({ type: 'stop' });
  }

  #end(outcome: ScriptOutcome): void {
    const current = this.#current;
    this.#current = undefined;
    current?.end(outcome);
  }

  #post(message: ToThread): void {
    if (!this.#isGone) this.#worker.postMessage(message);
  }
}

/** Why a script gets no answer: words that it may have. */
function wordsOf(reason: unknown): { readonly message: string; readonly code?: string } {
  const { message, code } = reason as Error & { code?: unknown };
  return { message, ...(typeof code === 'string' && { code }) };
}
