import quickjs from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import { PRELUDE } from './prelude.ts';

const PAGE_BYTES = 65_536;
/** What the engine needs before it runs anything. */
const INITIAL_PAGES = 256;
/** The engine's functions take many times this of the thread's own stack, which must not overflow first. */
const MAX_STACK_BYTES = 96 * 1024;
/** Jobs that run before the processor time is looked at from outside. */
const JOBS_AT_ONCE = 1_000;
/** Characters of UTF-16 become at most three bytes of UTF-8 each, and stand in memory once more as a string. */
const BYTES_PER_CHARACTER = 6;
const FULL_SHARE = 0.9;
const NO_ROOM = JSON.stringify({
  message: 'The answer is larger than what the script may still use of its memory.',
  code: 'GATEWAY_SCRIPT_MEMORY',
});

/** The functions of the host that a script can reach, through `api`, `console` and `sleep`. */
export interface SandboxHost {
  /** Undefined where the answer comes later; else, as JSON, why there is none. */
  asked(id: number, what: string, name: string, json: string): string | undefined;
  log(line: string): void;
  /** Calls `wake` in so many milliseconds, and no longer when it was to before. */
  wake(delayMs: number): void;
  settle(how: string, text: string): void;
  /** Asked all the time: whether the script has to end where it is. */
  isOver(): boolean;
}

/** What came of something done in the sandbox. `broken` is a sandbox of which nothing more can be expected. */
export type Step = 'done' | 'syntax' | 'memory' | 'interrupted' | 'broken';

/**
 * One QuickJS in a WebAssembly instance with a memory of its own, for one script. What crosses its border is texts and numbers. Nothing of it is
 * freed by hand: all of it goes with the instance.
 */
export class Sandbox {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #memory: WebAssembly.Memory;
  readonly #maxMemoryBytes: number;
  #prelude: QuickJSHandle | undefined;
  #host: SandboxHost | undefined;
  #syntaxProblem = '';

  private constructor(
    runtime: QuickJSRuntime,
    context: QuickJSContext,
    memory: WebAssembly.Memory,
    maxMemoryBytes: number,
  ) {
    this.#runtime = runtime;
    this.#context = context;
    this.#memory = memory;
    this.#maxMemoryBytes = maxMemoryBytes;
  }

  /** @param maxMemoryBytes - Of its linear memory, which holds all there is. */
  static async create(engine: WebAssembly.Module, maxMemoryBytes: number): Promise<Sandbox> {
    // The engine's own limit does not know how large its blocks are.
    const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: Math.floor(maxMemoryBytes / PAGE_BYTES) });
    // The package declares the module in place of what it exports.
    const variant = newVariant(quickjs as unknown as QuickJSSyncVariant, { wasmModule: engine, wasmMemory: memory });
    const runtime = (await newQuickJSWASMModuleFromVariant(variant)).newRuntime();
    runtime.setMaxStackSize(MAX_STACK_BYTES);
    const sandbox = new Sandbox(runtime, runtime.newContext(), memory, maxMemoryBytes);
    sandbox.#start();
    return sandbox;
  }

  /** What is wrong with a script that did not run, in the engine's words. */
  get syntaxProblem(): string {
    return this.#syntaxProblem;
  }

  /** Whether its memory has grown about as far as it may: the engine asks for more than it needs. */
  get isFull(): boolean {
    return this.#memory.buffer.byteLength > FULL_SHARE * this.#maxMemoryBytes;
  }

  /** Runs a script, which is the body of an asynchronous function. */
  run(code: string, host: SandboxHost): Step {
    this.#host = host;
    return this.#step(() => {
      const made = this.#context.evalCode(`(async()=>{${code}\n})`, 'script.js');
      if (made.error) return this.#failed(made.error, true);
      return this.#call('run', made.value);
    });
  }

  /**
   * Gives the script an answer.
   *
   * @param json - The answer; where it is not `ok`, why there is none.
   */
  answer(id: number, ok: boolean, json: string): Step {
    return this.#step(() => {
      const context = this.#context;
      const room = this.#invoke('reserve', context.newNumber(json.length * BYTES_PER_CHARACTER));
      if (typeof room === 'string') return room;
      const hasRoom = context.dump(room) === true;
      const text = context.newString(hasRoom ? json : NO_ROOM);
      const isGiven = ok && hasRoom ? context.true : context.false;
      return this.#call('answered', context.newNumber(id), isGiven, text);
    });
  }

  /** Goes on with what sleeps no longer. */
  wake(): Step {
    return this.#step(() => this.#call('woken'));
  }

  #start(): void {
    const context = this.#context;
    this.#runtime.setInterruptHandler(() => this.#host?.isOver() === true);
    const host = (): SandboxHost => this.#host as SandboxHost;
    const functions = [
      context.newFunction('ask', (id, what, name, json) => {
        const [whatText, nameText, jsonText] = [what, name, json].map((handle) => context.getString(handle));
        const refused = host().asked(context.getNumber(id), whatText ?? '', nameText ?? '', jsonText ?? '');
        return refused === undefined ? context.undefined : context.newString(refused);
      }),
      context.newFunction('log', (line) => host().log(context.getString(line))),
      context.newFunction('now', () => context.newNumber(performance.now())),
      context.newFunction('wake', (delayMs) => host().wake(context.getNumber(delayMs))),
      context.newFunction('settle', (how, text) => host().settle(context.getString(how), context.getString(text))),
    ];
    const make = context.unwrapResult(context.evalCode(PRELUDE, 'prelude.js'));
    this.#prelude = context.unwrapResult(context.callFunction(make, context.undefined, ...functions));
  }

  /** Calls one of the functions that the prelude gave, and goes on until the script waits. */
  #call(name: string, ...args: QuickJSHandle[]): Step {
    const result = this.#invoke(name, ...args);
    return typeof result === 'string' ? result : this.#jobs();
  }

  #invoke(name: string, ...args: QuickJSHandle[]): QuickJSHandle | Step {
    const context = this.#context;
    const called = context.getProp(this.#prelude as QuickJSHandle, name);
    const result = context.callFunction(called, context.undefined, ...args);
    return result.error ? this.#failed(result.error, false) : result.value;
  }

  #jobs(): Step {
    for (;;) {
      const ran = this.#runtime.executePendingJobs(JOBS_AT_ONCE);
      if (ran.error) return this.#failed(ran.error, false);
      if (this.#host?.isOver()) return 'interrupted';
      if (ran.value < JOBS_AT_ONCE) return 'done';
    }
  }

  #failed(error: QuickJSHandle, isSource: boolean): Step {
    if (this.#host?.isOver()) return 'interrupted';
    const context = this.#context;
    const isObject = context.typeof(error) === 'object' && !context.eq(error, context.null);
    const [name, message] = isObject ? [this.#text(error, 'name'), this.#text(error, 'message')] : ['', ''];
    if (isSource && name === 'SyntaxError') {
      this.#syntaxProblem = `${message}${lineOf(this.#text(error, 'stack'))}`;
      return 'syntax';
    }
    return message === 'out of memory' || (this.isFull && message === '') ? 'memory' : 'broken';
  }

  #text(error: QuickJSHandle, key: string): string {
    const value = this.#context.getProp(error, key);
    return this.#context.typeof(value) === 'string' ? this.#context.getString(value) : '';
  }

  /** What breaks the engine itself, such as the thread's stack at its end, ends this sandbox and nothing else. */
  #step(work: () => Step): Step {
    try {
      return work();
    } catch {
      return this.#host?.isOver() ? 'interrupted' : 'broken';
    }
  }
}

function lineOf(stack: string): string {
  const line = /script\.js:(\d+)/.exec(stack)?.[1];
  return line === undefined ? '' : ` (line ${line})`;
}
