import type { Readable, Writable } from 'node:stream';
import type { StorageGrant } from '../options.ts';

/** What a command is started with: what it gets beyond its own memory is named here, and nothing else. */
export interface CommandOptions {
  /** What it is called, also by itself. @default the file's name */
  readonly name?: string;
  /** @default none */
  readonly args?: readonly string[];
  /** Its whole environment. @default empty */
  readonly env?: Readonly<Record<string, string>>;
  /** What a component may reach over HTTP, as of plugins; refused for a command of WASI preview 1. @default nothing */
  readonly http?: { readonly allow?: readonly string[] };
  /** Directories that it may use. @default none */
  readonly storage?: readonly StorageGrant[];
  /**
   * Stores of keys and values, for a component: in memory, for as long as it runs.
   *
   * @default none
   */
  readonly keyValue?: 'memory' | undefined;
  /** Ceiling on linear memory, in bytes. @default 268_435_456 (256 MiB) */
  readonly memoryCeilingBytes?: number;
  /**
   * Longest time that it may compute without waiting for anything, in ms; then it is ended. Processor time where the system says it (Linux), else
   * the clock's. @default 60_000
   */
  readonly callTimeoutMs?: number;
  /** Ends it while it starts, wherever it is; one that has started is not ended by it. */
  readonly signal?: AbortSignal;
}

/** How a command has ended. */
export interface CommandEnd {
  /** Its exit code; 134 after a trap, as a program has that gave itself up; null where it was ended. */
  readonly exitCode: number | null;
  /** In plain words, where it did not leave by itself. */
  readonly reason?: string;
  /** The WebAssembly stack of a trap, for logs. */
  readonly stack?: string;
}

/** A WASI command, of preview 1 or a component, that runs in a thread of its own. */
export interface Command {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its linear memory, as it was when it last waited. */
  readonly memoryBytes: number;
  /** Resolves when its thread is gone; what it has written can still be read. */
  readonly ended: Promise<CommandEnd>;
  /** Ends it wherever it is. Idempotent. */
  end(): Promise<void>;
  /** Keeps the process alive no longer. */
  unref(): void;
}
