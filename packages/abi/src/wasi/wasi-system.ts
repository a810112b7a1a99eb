import type { WasiFile } from './wasi-file.ts';

/** The clocks of WASI preview 1 that a host has. */
export type WasiClock = 'realtime' | 'monotonic';

/** What a host gives one guest. */
export interface WasiSystem {
  /** The first is the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Standard input, output and error, then the directories that it may use: descriptors 0 and up. */
  readonly files: readonly WasiFile[];
  /** Nanoseconds. */
  now(clock: WasiClock): bigint;
  random(bytes: Uint8Array): void;
  /**
   * Blocks until so many milliseconds have passed, or a file that is waited for can be read. Both may be absent: then for ever, or not at all.
   */
  wait(timeoutMs: number | undefined, files: readonly WasiFile[]): void;
  /** Throws what the host takes for the guest's end. */
  exit(code: number): never;
}
