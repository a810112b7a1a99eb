import type { Readable, Writable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { processorMs } from '../isolate/processor-ms.ts';
import { BusyWatch } from './busy-watch.ts';
import { ByteRing } from './byte-ring.ts';
import type { Command, CommandEnd } from './command.ts';
import {
  CONTROL_BYTES,
  type CommandMessage,
  type CommandSetup,
  ControlWord,
  type HttpAnswerMessage,
} from './command-setup.ts';
import { RingReader, RingWriter } from './ring-streams.ts';

const PIPE_BYTES = 256 * 1024;
const PAGE_BYTES = 65_536;
/** JavaScript memory of the thread: nothing but the host's own functions and listings of directories. */
const HEAP_MIB = 64;
/** As a program that has called `abort`. */
const TRAP_CODE = 134;

// From source Node strips the types itself; built, the entry lies beside this file's bundle.
const isSource = import.meta.url.endsWith('.ts');
const entry = new URL(isSource ? './command-entry.ts' : './command-entry.js', import.meta.url);
const execArgv = isSource ? ['--conditions=@lockgate/source'] : [];

/** What a command's own end comes to. */
function endOf(message: Exclude<CommandMessage, string | { readonly http: string }>): CommandEnd {
  const { memoryProblem } = message;
  if ('exitCode' in message) {
    const { exitCode } = message;
    return memoryProblem === undefined
      ? { exitCode }
      : { exitCode, reason: `it exited with code ${exitCode}; ${memoryProblem}` };
  }
  const { trap, stack } = message;
  const reason = [`it trapped: ${trap}`, memoryProblem].filter((part) => part !== undefined).join('; ');
  return { exitCode: TRAP_CODE, reason, ...(stack !== undefined && { stack }) };
}

/** A command's thread and its pipes. */
export class CommandThread implements Command {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<CommandEnd>;
  readonly #control: Int32Array;
  readonly #worker: Worker;
  readonly #watch: BusyWatch;
  #end: CommandEnd | undefined;

  /** @param http - Answers a request of the guest, both as JSON. It never rejects. */
  constructor(
    setup: Pick<CommandSetup, 'code' | 'memoryCeilingBytes' | 'args' | 'env' | 'storage'>,
    callTimeoutMs: number,
    http: (request: string, signal: AbortSignal) => Promise<string>,
  ) {
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    const [stdin, stdout, stderr] = [0, 1, 2].map(() => ByteRing.buffer(PIPE_BYTES)) as [
      SharedArrayBuffer,
      SharedArrayBuffer,
      SharedArrayBuffer,
    ];
    const workerData: CommandSetup = { ...setup, control, stdin, stdout, stderr };
    const pipe = new ByteRing(stdin);
    const input = new RingWriter(pipe);
    const output = new RingReader(new ByteRing(stdout));
    const errors = new RingReader(new ByteRing(stderr));
    this.#control = new Int32Array(control);
    this.#control[ControlWord.isWaiting] = 1; // for its thread
    this.stdin = input.stream;
    this.stdout = output.stream;
    this.stderr = errors.stream;
    this.#worker = new Worker(entry, {
      ...{ workerData, execArgv, env: {}, name: 'lockgate command', trackUnmanagedFds: true },
      ...{ stdin: false, stdout: true, stderr: true }, // nothing of it may reach the process's own
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    const ended = new AbortController();
    const looks = { stdin: input, stdout: output, stderr: errors };
    this.#worker.on('message', (message: CommandMessage) => {
      if (typeof message === 'string') looks[message].look();
      else if ('http' in message) {
        void http(message.http, ended.signal).then((answer) => {
          this.#worker.postMessage({ request: message.request, answer } satisfies HttpAnswerMessage);
          pipe.wakeReader();
        });
      } else this.#end ??= endOf(message);
    });
    this.#worker.on('error', (error: Error) => {
      this.#end ??= { exitCode: TRAP_CODE, reason: `its thread ended: ${error.message}` };
    });
    const { promise, resolve } = Promise.withResolvers<CommandEnd>();
    this.ended = promise;
    this.#worker.on('exit', () => {
      this.#watch.stop();
      ended.abort();
      this.stdin.destroy();
      output.over();
      errors.over();
      resolve(this.#end ?? { exitCode: null });
    });
    this.#watch = new BusyWatch({
      control: this.#control,
      limitMs: callTimeoutMs,
      processorMs: () => processorMs(Atomics.load(this.#control, ControlWord.threadNumber)),
      onTooLong: () => {
        this.#end ??= {
          exitCode: null,
          reason: `it computed for more than ${callTimeoutMs} ms without waiting for anything, and was ended`,
        };
        void this.#worker.terminate();
      },
    });
  }

  get memoryBytes(): number {
    return Atomics.load(this.#control, ControlWord.memoryPages) * PAGE_BYTES;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
    await this.ended;
  }

  unref(): void {
    this.#worker.unref();
  }
}
