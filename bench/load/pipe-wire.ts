import { type ChildProcess, spawn } from 'node:child_process';
import type { Wire } from './wire.ts';

const ID = /"id":(\d+)/;
/** Wherever a program writes the id: in its answer's first or last bytes. */
const EDGE = 120;
const NEWLINE = 10;

/** A program's pipe, which all clients share. */
export class PipeWire implements Wire {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<Buffer>>();
  #parts: Buffer[] = [];

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child.stdout?.on('data', (bytes) => this.#arrive(bytes));
    this.#child.stdin?.on('error', (error) => this.#break(error));
    this.#child.on('error', (error) => this.#break(error));
    this.#child.on('exit', (code, signal) => this.#break(new Error(`the program ended with ${signal ?? code}`)));
    process.on('exit', () => this.#child.kill('SIGKILL'));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  exchange(frame: string, number: number | undefined): Promise<Buffer> {
    this.#child.stdin?.write(`${frame}\n`, 'latin1');
    if (number === undefined) return Promise.resolve(Buffer.alloc(0));
    const waiting = Promise.withResolvers<Buffer>();
    this.#waiting.set(number, waiting);
    return waiting.promise;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  #arrive(arrived: Buffer): void {
    let from = 0;
    for (let end = arrived.indexOf(NEWLINE); end >= 0; end = arrived.indexOf(NEWLINE, from)) {
      this.#parts.push(arrived.subarray(from, end));
      this.#answer(this.#parts.length > 1 ? Buffer.concat(this.#parts) : arrived.subarray(from, end));
      this.#parts = [];
      from = end + 1;
    }
    if (from < arrived.length) this.#parts.push(arrived.subarray(from));
  }

  #answer(frame: Buffer): void {
    const id =
      ID.exec(frame.toString('latin1', 0, EDGE)) ?? ID.exec(frame.toString('latin1', Math.max(0, frame.length - EDGE)));
    const number = Number(id?.[1]);
    this.#waiting.get(number)?.resolve(frame);
    this.#waiting.delete(number);
  }

  #break(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
