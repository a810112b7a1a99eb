import type { Environment } from './cache-key.ts';
import { spaceShortage } from './why-not-kept.ts';

/** What the optimiser's process is told; the wasm bytes and then the profile are what it reads. */
export interface OptimizerJob {
  readonly directory: string;
  readonly entryName: string;
  /** SHA-256 of the wasm bytes, in hex. */
  readonly wasm: string;
  readonly wasmBytes: number;
  /** 0: there is no profile, optimise every function. */
  readonly profileBytes: number;
  /** What the code must be good for; the process gives up where its own differs. */
  readonly environment: Environment;
  readonly generation: number;
  /** See `EntryDescription`. */
  readonly looks: number;
  /** An entry above this is not worth its place. */
  readonly maxEntryBytes: number;
  readonly limitSeconds: number;
  readonly limitBytes: number;
}

/** How the optimiser's process can end by itself, and what that means. */
export const OPTIMIZER_EXITS = {
  written: 0,
  otherEnvironment: 10,
  otherBytes: 11,
  nothingToKeep: 12,
  tooLarge: 13,
  notRevivable: 14,
  notWritten: 15,
  noAddon: 16,
  noSpace: 17,
} as const;

/** With what the optimiser's process ends when its entry did not get to its place. */
export function exitOf(error: unknown, candidate: 'not loaded' | 'refused' | 'verified', directory: string): number {
  if (candidate === 'refused') return OPTIMIZER_EXITS.notRevivable;
  return spaceShortage(error, directory) === undefined ? OPTIMIZER_EXITS.notWritten : OPTIMIZER_EXITS.noSpace;
}

/** Why the optimiser's process ended without an entry, in plain words. */
export function explainExit(code: number | null, signal: string | null): string {
  switch (code) {
    case OPTIMIZER_EXITS.otherEnvironment:
      return 'the optimiser runs under other flags than this process (set at run time, or not inherited)';
    case OPTIMIZER_EXITS.otherBytes:
      return 'the optimiser got other bytes than were sent';
    case OPTIMIZER_EXITS.nothingToKeep:
      return 'V8 optimised nothing';
    case OPTIMIZER_EXITS.tooLarge:
      return 'the code is larger than the whole cache may be';
    case OPTIMIZER_EXITS.notRevivable:
      return 'a fresh process could not load the code';
    case OPTIMIZER_EXITS.notWritten:
      return 'the entry could not be written';
    case OPTIMIZER_EXITS.noSpace:
      return 'no space is left for the entry; free some, or lower "maxBytes" of the cache';
    case OPTIMIZER_EXITS.noAddon:
      return 'the optimiser found no native addon';
    default:
      return signal === 'SIGXCPU' || signal === 'SIGALRM'
        ? 'the optimiser took too long'
        : `the optimiser ended with ${signal ?? code}`;
  }
}
