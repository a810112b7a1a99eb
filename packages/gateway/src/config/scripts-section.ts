import * as z from 'zod';

/** The key "gateway.scripts": whether clients that search may run scripts, and what one script may use up. */
export interface ScriptsSection {
  /** @default true */
  readonly enabled: boolean;
  /** @default 65_536 (64 KiB) */
  readonly maxSourceBytes: number;
  /** From its start to its end, with all that it waits for. @default 30_000 */
  readonly timeoutMs: number;
  /** @default 5_000 */
  readonly maxProcessorMs: number;
  /** @default 67_108_864 (64 MiB) */
  readonly maxMemoryBytes: number;
  /** Calls, searches and types together. @default 50 */
  readonly maxCalls: number;
  /** Calls of one script that run at once; the others wait. @default 16 */
  readonly maxParallelCalls: number;
  /** What it returns and logs. @default 262_144 (256 KiB) */
  readonly maxOutputBytes: number;
  /** Scripts of all clients that run at once; the others wait. @default 16 */
  readonly maxRunning: number;
}

const KIB = 1024;
const MIB = KIB * KIB;
/** The engine alone takes a fourth of this. */
const LEAST_MEMORY_BYTES = 32 * MIB;
/** More is not addressed. */
const MOST_MEMORY_BYTES = 1024 * MIB;
const positive = z.int().min(1);

export const scriptsSection: z.ZodType<ScriptsSection> = z.strictObject({
  enabled: z.boolean().default(true).describe('Offer run_script to clients that search'),
  maxSourceBytes: positive.default(64 * KIB).describe('Largest script'),
  timeoutMs: positive.default(30_000).describe('How long a script may take'),
  maxProcessorMs: positive.default(5_000).describe('Processor time of a script'),
  maxMemoryBytes: z
    .int()
    .min(LEAST_MEMORY_BYTES)
    .max(MOST_MEMORY_BYTES)
    .default(64 * MIB)
    .describe('Memory of a script'),
  maxCalls: positive.default(50).describe('Calls of a script'),
  maxParallelCalls: positive.default(16).describe('Calls of a script at once'),
  maxOutputBytes: positive.default(256 * KIB).describe('What a script returns and logs'),
  maxRunning: z.int().min(1).max(256).default(16).describe('Scripts of all clients at once'),
});
