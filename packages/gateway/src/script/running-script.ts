import type { Sandbox, SandboxHost, Step } from './sandbox.ts';
import { stripTypes } from './strip-types.ts';
import type { AskedFor, FromThread, ScriptEnd, ScriptLimit, ScriptOutcome, ThreadLimits } from './thread-messages.ts';

/** Arguments of one call: what is larger is refused before it leaves the thread. */
const MAX_ARGUMENT_BYTES = 1024 * 1024;
/** The clock of the processor is looked at once in so many times that the engine asks. */
const ASKED_PER_LOOK = 16;
/** Node's timers hold no more; the wall time is over long before. */
const MAX_DELAY_MS = 2 ** 31 - 1;

const NOTHING_LEFT = 'it waits for a promise that nothing will ever resolve';
const BROKEN = 'it broke the sandbox, as code does that is nested too deeply';

type Ask = Extract<FromThread, { type: 'ask' }>;

/** What a running script needs of its thread. */
export interface RunningScriptOptions {
  readonly sandbox: Sandbox;
  readonly limits: ThreadLimits;
  /** Milliseconds of processor time that this thread has used. */
  readonly processorMs: () => number;
  readonly onAsk: (ask: Ask) => void;
  /** Called once; nothing more is asked or written afterwards. */
  readonly onEnd: (outcome: ScriptOutcome) => void;
}

/** One script in its sandbox, held to its limits from outside of it. */
export class RunningScript implements SandboxHost {
  readonly #options: RunningScriptOptions;
  readonly #logs: string[] = [];
  readonly #queued: Ask[] = [];
  readonly #startedMs: number;
  #timer: NodeJS.Timeout | undefined;
  #end: ScriptEnd | undefined;
  #isTold = false;
  #asked = 0;
  #running = 0;
  #outputBytes = 0;
  #looks = 0;

  constructor(options: RunningScriptOptions) {
    this.#options = options;
    this.#startedMs = options.processorMs();
  }

  /** Runs it until it waits or ends. TypeScript is tried where it is no JavaScript. */
  start(code: string): void {
    const { sandbox } = this.#options;
    let step = sandbox.run(code, this);
    if (step === 'syntax') {
      const problem = sandbox.syntaxProblem;
      const stripped = stripTypes(code);
      step = stripped === undefined ? 'syntax' : sandbox.run(stripped, this);
      if (step === 'syntax') this.#finish({ kind: 'threw', text: `SyntaxError: ${problem}` });
    }
    this.#after(step);
  }

  answer(id: number, ok: boolean, json: string): void {
    if (this.#isTold) return;
    this.#running -= 1;
    const next = this.#queued.shift();
    if (next) this.#send(next);
    this.#after(this.#options.sandbox.answer(id, ok, json));
  }

  /** Ends it without a word. */
  stop(): void {
    this.#isTold = true;
    clearTimeout(this.#timer);
  }

  asked(id: number, what: string, name: string, json: string): string | undefined {
    const { maxCalls, maxParallelCalls } = this.#options.limits;
    if (this.#asked >= maxCalls) {
      return refusal('GATEWAY_SCRIPT_CALLS', `A script may make ${maxCalls} calls, and this one has made them.`);
    }
    if (json.length > MAX_ARGUMENT_BYTES || name.length > MAX_ARGUMENT_BYTES) {
      return refusal('GATEWAY_SCRIPT_ARGUMENTS', `The arguments of a call may have ${MAX_ARGUMENT_BYTES} characters.`);
    }
    this.#asked += 1;
    const ask: Ask = { type: 'ask', id, what: what as AskedFor, name, json };
    if (this.#running < maxParallelCalls) this.#send(ask);
    else this.#queued.push(ask);
    return undefined;
  }

  log(line: string): void {
    if (this.#counts(line)) this.#logs.push(line);
  }

  wake(delayMs: number): void {
    clearTimeout(this.#timer);
    const wake = (): void => {
      this.#timer = undefined;
      this.#after(this.#options.sandbox.wake());
    };
    this.#timer = setTimeout(wake, Math.min(Math.max(0, Math.ceil(delayMs)), MAX_DELAY_MS));
  }

  settle(how: string, text: string): void {
    if (how === 'threw') {
      // Out of memory, there may be none left for an error that says so.
      const isMemory = text === 'threw null' && this.#options.sandbox.isFull;
      if (isMemory || text.startsWith('InternalError: out of memory')) this.#finish({ kind: 'limit', limit: 'memory' });
      else this.#finish({ kind: 'threw', text: text.slice(0, this.#options.limits.maxOutputBytes) });
    } else if (this.#counts(text)) {
      this.#finish({ kind: 'returned', text: how === 'nothing' ? undefined : text });
    }
  }

  isOver(): boolean {
    if (this.#end) return true;
    this.#looks += 1;
    if (this.#looks % ASKED_PER_LOOK === 0 && this.#usedMs > this.#options.limits.maxProcessorMs)
      this.#limit('processor');
    return this.#end !== undefined;
  }

  get #usedMs(): number {
    return this.#options.processorMs() - this.#startedMs;
  }

  #send(ask: Ask): void {
    this.#running += 1;
    this.#options.onAsk(ask);
  }

  /** Whether so much may still be written. */
  #counts(text: string): boolean {
    this.#outputBytes += Buffer.byteLength(text) + 1;
    if (this.#outputBytes <= this.#options.limits.maxOutputBytes) return true;
    this.#limit('output');
    return false;
  }

  #limit(limit: ScriptLimit): void {
    this.#finish({ kind: 'limit', limit });
  }

  /** The first end stays. */
  #finish(end: ScriptEnd): void {
    this.#end ??= end;
  }

  /** What the sandbox has come to. */
  #after(step: Step): void {
    if (this.#isTold) return;
    if (step === 'memory') this.#limit('memory');
    else if (step === 'broken') this.#finish({ kind: 'threw', text: BROKEN });
    else if (this.#usedMs > this.#options.limits.maxProcessorMs) this.#limit('processor');
    const isWaiting = this.#running > 0 || this.#timer !== undefined;
    if (!this.#end && !isWaiting) {
      // A script that is out of memory may have none left to say so.
      if (this.#options.sandbox.isFull) this.#limit('memory');
      else this.#finish({ kind: 'threw', text: NOTHING_LEFT });
    }
    if (!this.#end) return;
    this.stop();
    this.#options.onEnd({ ...this.#end, logs: this.#logs });
  }
}

function refusal(code: string, message: string): string {
  return JSON.stringify({ code, message });
}
