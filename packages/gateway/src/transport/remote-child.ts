import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { ProcessGroup } from './process-group.ts';
import type { Spawned } from './spawned.ts';

/** How often it is looked whether a program is there whose end nobody tells, in milliseconds. */
const LOOK_MS = 250;

/** A program that another process has started: its pipes lead here, and its end is told by that process. */
export class RemoteChild extends EventEmitter implements Spawned {
  readonly pid: number;
  readonly stdin: Socket;
  readonly stdout: Socket;
  readonly stderr: Socket;
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  readonly #onUnref: () => void;
  #hasExited = false;

  /** @param onUnref - Called when it keeps this process alive no longer. */
  constructor(pid: number, [stdin, stdout, stderr]: readonly [Socket, Socket, Socket], onUnref: () => void) {
    super();
    this.#onUnref = onUnref;
    this.pid = pid;
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    let open = 2;
    for (const pipe of [stdout, stderr]) {
      pipe.once('end', () => pipe.destroy());
      pipe.once('close', () => {
        if (--open === 0 && this.#hasExited) this.emit('close');
      });
    }
    this.once('exit', () => {
      stdin.destroy();
      if (open === 0) this.emit('close');
    });
  }

  exited(exitCode: number | null, signal: NodeJS.Signals | null): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    this.exitCode = exitCode;
    this.signalCode = signal;
    this.emit('exit', exitCode, signal);
  }

  /** Whoever would tell its end is gone: it is looked for from now on. How it ends nobody knows then. */
  lookForEnd(): void {
    const group = new ProcessGroup(this.pid);
    const timer = setInterval(() => {
      if (group.isThere) return;
      clearInterval(timer);
      this.exited(0, null);
    }, LOOK_MS);
    timer.unref();
  }

  unref(): void {
    for (const pipe of [this.stdin, this.stdout, this.stderr]) pipe.unref();
    this.#onUnref();
  }
}
