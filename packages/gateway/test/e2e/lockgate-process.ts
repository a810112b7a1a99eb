import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { LOCKGATE } from '../fixtures/lockgate-program.ts';

export interface LockgateProcessOptions {
  /** Written as `lockgate.json` into a new folder, beside these files. */
  readonly config: object;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** A command that runs it, with its arguments. */
  readonly under?: readonly string[];
  /** Options of Node. */
  readonly nodeOptions?: readonly string[];
}

/** A `lockgate serve` of its own, in a folder of its own. Killed when it goes out of scope. */
export class LockgateProcess implements AsyncDisposable {
  readonly folder: string;
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly exited: Promise<number | null>;
  stdout = '';
  stderr = '';

  private constructor(
    folder: string,
    { args = [], environment = {}, under = [], nodeOptions = [] }: LockgateProcessOptions,
  ) {
    this.folder = folder;
    const [command = '', ...rest] = [...under, process.execPath, ...nodeOptions, ...LOCKGATE, 'serve', ...args];
    this.child = spawn(command, rest, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.exited = once(this.child, 'close').then(([code]) => code as number | null);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  static async start(options: LockgateProcessOptions): Promise<LockgateProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'lockgate-serve-'));
    const files = { 'lockgate.json': JSON.stringify(options.config), ...options.files };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return new LockgateProcess(folder, options);
  }

  /** Another one, with the configuration that lies in a folder already. */
  static startIn(folder: string, config: object, environment: Readonly<Record<string, string>> = {}): LockgateProcess {
    return new LockgateProcess(folder, { config, environment });
  }

  /** Resolves with the match once it has been written to stderr. Rejects if the process ends before. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const ended = this.exited.then(() => 'ended' as const);
    for (;;) {
      const match = pattern.exec(this.stderr);
      if (match) return match;
      const next = await Promise.race([once(this.child.stderr, 'data'), ended]);
      if (next === 'ended' && !pattern.test(this.stderr)) throw new Error(`ended without ${pattern}:\n${this.stderr}`);
    }
  }

  async url(): Promise<string> {
    return (await this.said(/"url":"(http[^"]+)"/))[1] as string;
  }

  /** Everything that it wrote anywhere: stdout, stderr, and files of its log folder. */
  async everythingWritten(logDir: string): Promise<string> {
    const names = await readdir(join(this.folder, logDir), { recursive: true, withFileTypes: true });
    const files = names
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'));
    return [this.stdout, this.stderr, ...(await Promise.all(files))].join('\n');
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
