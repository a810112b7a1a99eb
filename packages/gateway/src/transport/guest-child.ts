import { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Command } from '@lockgate/runtime';
import type { Spawned } from './spawned.ts';

/** As a shell tells of a program that was killed. */
const ENDED_CODE = 137;

/** A WASI command in a thread of this process, as a program with pipes. Ending it needs no signal: its thread is stopped wherever it is. */
export class GuestChild extends EventEmitter implements Spawned {
  readonly pid = undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly group: NonNullable<Spawned['group']>;
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  endReason: string | undefined;
  readonly #command: Command;

  constructor(command: Command) {
    super();
    this.#command = command;
    this.stdin = command.stdin;
    this.stdout = command.stdout;
    this.stderr = command.stderr;
    this.group = {
      signal: () => void command.end(),
      goneWithin: async () => {
        await command.ended;
        return true;
      },
    };
    let open = 2;
    const closed = Promise.withResolvers<void>();
    for (const pipe of [command.stdout, command.stderr]) {
      pipe.once('close', () => {
        if (--open === 0) closed.resolve();
      });
    }
    // Who starts one that has ended by then gets to listen before it is told.
    const heard = new Promise((resolve) => setImmediate(resolve));
    void Promise.all([command.ended, heard]).then(([{ exitCode, reason }]) => {
      this.endReason = reason;
      // One that was ended for a reason was killed by nobody else.
      this.exitCode = exitCode ?? (reason === undefined ? null : ENDED_CODE);
      if (this.exitCode === null) this.signalCode = 'SIGKILL';
      this.emit('exit', this.exitCode, this.signalCode);
      return closed.promise.then(() => this.emit('close'));
    });
  }

  unref(): void {
    this.#command.unref();
  }
}
