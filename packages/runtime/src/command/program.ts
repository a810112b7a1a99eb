import type { ByteRing } from './byte-ring.ts';
import type { CommandSetup } from './command-setup.ts';
import type { Waiting } from './waiting.ts';

/** A program in its thread, before it runs. */
export interface Program {
  /**
   * Puts its parts together, and answers what runs it until it ends: that answers its exit code, or throws what ended it otherwise.
   *
   * @throws WebAssembly.LinkError where they do not fit together, and what code of the guest throws that runs then already
   */
  link(): () => number;
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
