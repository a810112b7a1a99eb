import type { Writable } from 'node:stream';
import type { Redact } from '../config/secrets.ts';
import { DiagnosedError } from '../diagnosis.ts';
import { commandProblem } from './command-problem.ts';
import { type ProgramExit, remedyOf } from './last-words.ts';
import { LineReader } from './line-reader.ts';
import { ProcessGroup } from './process-group.ts';
import { type Spawn, type Spawned, spawnHere } from './spawned.ts';

/** How long a program may take to end after each step: end of its input, SIGTERM, SIGKILL. */
const STEP_MS = 2_000;

/** How long what a program wrote last, and how it ended, may come after the first sign of its end. */
const LAST_WORDS_MS = 250;

/** Lines of stderr that are kept to say why a program has ended. */
const LAST_LINES = 5;
const LINE_LENGTH = 300;

/** Among so many, the first that speaks of an error is kept as well: what comes after it is often a stack. */
const LINES_OF_AN_ERROR = 40;

/** Longest line of stderr that is looked at, in bytes; of a longer one only its being too long is told. */
const MAX_STDERR_LINE = 65_536;

/** Variables of the gateway's own environment that programs get. */
const PASSED_ON = [
  ...['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NO_PROXY', 'no_proxy'],
];

/** Those that they get as well, unless the address has a name and a password before its host. */
const PROXIES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'];

/** What a program is told, and what is told of it. */
export interface ProgramManner {
  /** Takes out of each line of stderr what nobody may read. @default nothing is taken out */
  readonly redact?: Redact | undefined;
  /** Whether it is told with its last lines of stderr why it ended. @default always */
  readonly tellsWords?: (() => boolean) | undefined;
}

export interface Program extends ProgramManner {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
}

export interface ChildEvents {
  /**
   * Answers what of the chunk is to be given again after others had their turn, nothing where more is wanted at once, or `never` where no more is.
   * At its end it is given at once what is left.
   */
  readonly onStdout: (chunk: Buffer) => Buffer | 'never' | undefined;
  /** Called whenever it writes to stderr, with the redacted lines that this ends; empty where it ends none. */
  readonly onStderr: (text: string) => void;
  /**
   * Called once, when the program has ended or closed its stdout. The sentence says how, with its last lines of stderr; the remedy, what
   * to do about it, where that can be told.
   */
  readonly onEnd: (reason: string, remedy?: string) => void;
  /** Called once, when the program has exited, however that came; its last words may still be on the way. */
  readonly onExit?: ((exit: ProgramExit) => void) | undefined;
}

/** A program with pipes, and whatever it has started itself: they are one process group and end together. */
export class ChildProcess {
  /** Resolves when nothing of its group is left, or nothing more can be done. */
  readonly gone: Promise<void>;
  readonly #child: Spawned;
  readonly #group: NonNullable<Spawned['group']>;
  readonly #exited: Promise<void>;
  readonly #end: (reason: string) => void;
  readonly #lastLines: string[] = [];
  readonly #tellsWords: () => boolean;
  #ended = false;
  #howExited: string | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    child: Spawned,
    redact: Redact,
    tellsWords: () => boolean,
    { onStdout, onStderr, onEnd, onExit }: ChildEvents,
  ) {
    this.#child = child;
    this.#tellsWords = tellsWords;
    this.#group = child.group ?? new ProcessGroup(child.pid as number);
    let complete: string[] = [];
    const onLine = (line: string): void => {
      complete.push(line);
      this.#remember(line);
    };
    // Lines, not chunks: a pipe may cut anywhere, and half a secret is not recognised.
    const stderr = new LineReader({
      onLine: (line) => onLine(redact(line.toString('utf8'), this.#ended)),
      onTooLong: (maxBytes) => onLine(`(a line of more than ${maxBytes} bytes)`),
      loneCr: true,
      maxBytes: MAX_STDERR_LINE,
    });
    const tell = (): void => {
      const text = complete.join('\n');
      complete = [];
      onStderr(text);
    };
    const { promise: exited, resolve: exit } = Promise.withResolvers<void>();
    this.#exited = exited;
    this.gone = exited.then(() => this.#endRest());
    let rest: Buffer | undefined;
    const take = (chunk: Buffer): void => {
      const left = onStdout(chunk);
      rest = left === 'never' ? undefined : left;
      // Who writes into a closed pipe is ended by it, or blocked no longer.
      if (left === 'never') child.stdout?.destroy();
    };
    const takeRest = (): void => {
      if (rest) take(rest);
      if (rest) setImmediate(takeRest);
      else child.stdout?.resume();
    };
    this.#end = (reason) => {
      if (this.#ended) return;
      while (rest) take(rest);
      this.#ended = true;
      stderr.end(); // what it did not finish may be half a secret
      if (complete.length > 0) tell();
      onEnd(this.#withLastLines(this.#howExited ?? reason), this.#remedy());
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      take(chunk);
      if (!rest) return;
      child.stdout?.pause();
      setImmediate(takeRest);
    });
    child.stdout?.once('end', () => this.giveUp('it closed its stdout'));
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr.append(chunk);
      tell();
    });
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.on('error', () => {});
    child.once('exit', (code, signal) => {
      exit();
      onExit?.({ exitCode: code, signal });
      const how = child.endReason ?? (signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`);
      this.#howExited = how;
      // Its last words may still be in the pipe, which somebody else may hold.
      child.once('close', () => this.#end(how));
      this.giveUp(how);
    });
  }

  /**
   * @param spawn - How it is started. Defaults to: by this very process.
   * @throws an Error that says what is not there, and where it was looked for.
   */
  static async start(program: Program, events: ChildEvents, spawn: Spawn = spawnHere): Promise<ChildProcess> {
    const { command, args, env, cwd } = program;
    try {
      return ChildProcess.of(await spawn({ command, args, env: { ...inherited(), ...env }, cwd }), program, events);
    } catch (error) {
      throw await whyNotStarted(error as Error, { command, args, cwd, env });
    }
  }

  /** One that has been started already. */
  static of(
    child: Spawned,
    { redact = (line) => line, tellsWords = () => true }: ProgramManner,
    events: ChildEvents,
  ): ChildProcess {
    return new ChildProcess(child, redact, tellsWords, events);
  }

  get stdin(): Writable {
    return this.#child.stdin as Writable;
  }

  /** Id of the program, and of its group. What is no process has none. */
  get pid(): number {
    return this.#child.pid as number;
  }

  /** It is of no more use, and that is told as its end, unless it says a little later how it has exited: that says more. */
  giveUp(reason: string): void {
    // Where this thread was busy meanwhile, what has come is heard before.
    setTimeout(() => setImmediate(this.#end, reason), LAST_WORDS_MS).unref();
  }

  /** Ends it in steps: its input, SIGTERM, SIGKILL. Resolves when it has ended, or nothing more can be done. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const child = this.#child;
    child.stdin?.end();
    if (!(await this.#exitsWithin(STEP_MS))) {
      this.#group.signal('SIGTERM');
      if (!(await this.#exitsWithin(STEP_MS))) this.#group.signal('SIGKILL');
    }
    if (await this.#exitsWithin(STEP_MS)) await this.gone;
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
    child.unref();
  }

  /** What it leaves behind holds the pipes open and answers nothing. */
  async #endRest(): Promise<void> {
    this.#group.signal('SIGTERM');
    if (!(await this.#group.goneWithin(STEP_MS))) this.#group.signal('SIGKILL');
  }

  async #exitsWithin(timeoutMs: number): Promise<boolean> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return true;
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, timeoutMs, false);
    const exited = await Promise.race([this.#exited.then(() => true), late]);
    clearTimeout(timer);
    return exited;
  }

  #remember(line: string): void {
    if (line.trim() === '' || isNoText(line)) return;
    const words = line.slice(0, LINE_LENGTH);
    // Copied, since a part of a text keeps the whole of it alive.
    this.#lastLines.push(words === line ? line : Buffer.from(words).toString());
    if (this.#lastLines.length > LINES_OF_AN_ERROR) this.#lastLines.shift();
  }

  /** What it says may be for nobody's eyes, and a remedy repeats a part of it. */
  #remedy(): string | undefined {
    const { exitCode, signalCode: signal } = this.#child;
    return remedyOf({ exitCode, signal, lines: this.#tellsWords() ? this.#lastLines : [] });
  }

  #withLastLines(reason: string): string {
    if (this.#lastLines.length === 0) return reason;
    if (!this.#tellsWords()) return `${reason}; its last words are in the log, at debug`;
    const cause = this.#lastLines.slice(0, -LAST_LINES).find((line) => /error\b/i.test(line));
    const words =
      cause === undefined ? this.#lastLines.slice(-LAST_LINES) : [cause, ...this.#lastLines.slice(1 - LAST_LINES)];
    return `${reason}; its last words: ${words.join(' | ')}`;
  }
}

/** So many characters of a line may be none of UTF-8: it is text in another encoding then. */
const MOST_UNREADABLE = 3;

/** A program that is run by what it is not for may have its own bytes written to stderr, as a shell does. */
function isNoText(line: string): boolean {
  const isControlled = /\p{Cc}/u.test(line.replaceAll('\u001b', '').replaceAll('\t', '').replaceAll('\r', ''));
  return isControlled || line.split('\ufffd').length > MOST_UNREADABLE + 1;
}

function inherited(): Record<string, string> {
  const open = PROXIES.filter((name) => process.env[name]?.includes('@') === false);
  const entries = [...PASSED_ON, ...open].map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function whyNotStarted(
  error: Error,
  program: Pick<Program, 'command' | 'args' | 'cwd' | 'env'>,
): Promise<DiagnosedError> {
  const found = await commandProblem(program, process.env);
  const problem = `the command "${program.command}" could not be started: ${error.message}`;
  return new DiagnosedError(found ?? { problem, remedy: 'start it by hand to see more' }, { cause: error });
}
