import type { ByteRing } from './byte-ring.ts';
import type { CommandSetup } from './command-setup.ts';
import type { Waiting } from './waiting.ts';

/** A program in its thread, before it runs. */
export interface Program {
  /** Runs it until it ends; answers its exit code. @throws what ended it otherwise */
  run(): number;
  /** Its linear memory, in bytes, as far as it can be seen. */
  readonly memoryBytes: number;
  /** Closes what it has left open. */
  close(): void;
}

/** What a program is made with, beside its code. */
export interface ProgramSetup
  extends Pick<CommandSetup, 'args' | 'env' | 'storage' | 'hasKeyValue' | 'memoryCeilingBytes'> {
  readonly rings: Readonly<Record<Pipe, ByteRing>>;
  readonly waiting: Waiting;
  /** Has the other side look at a pipe. */
  readonly tell: (pipe: Pipe) => void;
}

export type Pipe = 'stdin' | 'stdout' | 'stderr';
