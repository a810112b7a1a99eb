import type { Readable, Writable } from 'node:stream';
import { encodeHttpFailure } from '@lockgate/abi';
import { mostKeptBytes } from '../component/host-memory.ts';
import { besideFile } from '../isolate/beside-file.ts';
import { mibOf } from '../memory-problem.ts';
import { ByteRing } from './byte-ring.ts';
import type { Command, CommandEnd } from './command.ts';
import { type CommandMessage, type CommandSetup, type HttpAnswerMessage, MOST_ANSWER_BYTES } from './command-setup.ts';
import { ProgramThread, TRAP_CODE } from './program-thread.ts';
import { RingReader, RingWriter } from './ring-streams.ts';
import { type Starting, UnlinkedError } from './started.ts';

const encoder = new TextEncoder();
const TOO_MANY_ANSWERS = `the answers that it has not looked at come to more than ${mibOf(MOST_ANSWER_BYTES)} already; look at each before the next is asked for`;

const PIPE_BYTES = 256 * 1024;
const MIB = 1_048_576;
/** JavaScript memory of the thread: the host's own functions, and twice what the host keeps for the guest, so that this is refused before the thread ends of it. */
const LEAST_HEAP_MIB = 64;
const HEAP_PER_KEPT = 2;

/** What a command's own end comes to. */
function endOf(
  message: Exclude<CommandMessage, string | { readonly http: string } | { readonly unlinked: string }>,
): CommandEnd {
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
export class CommandThread implements Command, Starting {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<CommandEnd>;
  readonly #thread: ProgramThread<CommandMessage>;
  readonly #linked = Promise.withResolvers<void>();

  /** @param http - Answers a request of the guest, both as JSON. It never rejects. */
  constructor(
    setup: Pick<
      CommandSetup,
      'code' | 'memoryCeilingBytes' | 'args' | 'env' | 'storage' | 'hasKeyValue' | 'mostRequests' | 'hosts'
    >,
    callTimeoutMs: number,
    http: (request: string, signal: AbortSignal) => Promise<string>,
  ) {
    const [stdin, stdout, stderr] = [0, 1, 2].map(() => ByteRing.buffer(PIPE_BYTES)) as [
      SharedArrayBuffer,
      SharedArrayBuffer,
      SharedArrayBuffer,
    ];
    const pipe = new ByteRing(stdin);
    const input = new RingWriter(pipe);
    const output = new RingReader(new ByteRing(stdout));
    const errors = new RingReader(new ByteRing(stderr));
    this.stdin = input.stream;
    this.stdout = output.stream;
    this.stderr = errors.stream;
    const looks = { stdin: input, stdout: output, stderr: errors };
    this.#thread = new ProgramThread<CommandMessage>({
      ...besideFile(import.meta.url, 'command-entry'),
      name: 'lockgate command',
      heapMib: LEAST_HEAP_MIB + HEAP_PER_KEPT * Math.ceil(mostKeptBytes(setup.memoryCeilingBytes) / MIB),
      setup: (control): CommandSetup => ({ ...setup, control, stdin, stdout, stderr }),
      callTimeoutMs,
      hear: (message) => {
        if (message === 'linked') this.#linked.resolve();
        else if (typeof message === 'string') looks[message].look();
        else if ('unlinked' in message) this.#linked.reject(new UnlinkedError(message.unlinked));
        else if ('http' in message) {
          void http(message.http, this.#thread.gone).then((text) => {
            const { request } = message;
            const answer = this.#fitting(encoder.encode(text));
            this.#thread.tell({ request, answer } satisfies HttpAnswerMessage, [answer.buffer]);
            pipe.wakeReader();
          });
        } else this.#thread.endsBy(endOf(message));
      },
      onGone: () => {
        this.#linked.resolve(); // it says itself how it has ended
        this.stdin.destroy();
        output.over();
        errors.over();
      },
    });
    this.ended = this.#thread.ended;
  }

  /** Resolves when its guest is linked, or it is gone: then it says itself how it has ended. @throws UnlinkedError */
  get up(): Promise<void> {
    return this.#linked.promise;
  }

  get memoryBytes(): number {
    return this.#thread.memoryBytes;
  }

  /** The answer, or in its place why there is no room for it. */
  #fitting(answer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#thread.takesAnswer(answer.length, MOST_ANSWER_BYTES)) return answer;
    const refusal = encoder.encode(encodeHttpFailure('too-many-requests', TOO_MANY_ANSWERS));
    this.#thread.takesAnswer(refusal.length, Number.POSITIVE_INFINITY);
    return refusal;
  }

  end(): Promise<void> {
    return this.#thread.terminate();
  }

  unref(): void {
    this.#thread.unref();
  }
}
