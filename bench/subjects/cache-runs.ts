import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What one fresh process measured of itself, and how long it took from its start to its end. */
export interface CacheRun {
  readonly result: string;
  readonly startToFirstMs: number;
  readonly firstCallMs: number;
  readonly callsPerSecond: number;
  readonly wallMs: number;
  readonly hits?: number;
  readonly writes?: number;
}

/** A cache directory that holds optimised code for one workload; gone when it is disposed of. */
export interface WarmDirectory extends Disposable {
  readonly path: string;
  /** What the workload gave without a cache: every later run has to give the same. */
  readonly result: string;
}

const PROGRAM = fileURLToPath(new URL('cache-program.ts', import.meta.url));
/** Node keeps what it made of the TypeScript sources, so that both halves of a pair measure no type stripping. */
const ENVIRONMENT = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'lockgate-bench-sources') };
const OPTIMISER_PATIENCE_MS = 240_000;

/** Runs a workload once in a fresh process; `directory` is "plain" for none. */
export async function runOnce(workload: string, directory: string, lingerMs = 0, runMs = 0): Promise<CacheRun> {
  const started = performance.now();
  const program = ['--no-warnings', PROGRAM, workload, directory, String(lingerMs), String(runMs)];
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'], env: ENVIRONMENT });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = await text(child.stdout);
  if ((await exit) !== 0) throw new Error(`${workload} failed: ${output}`);
  return { ...(JSON.parse(output) as Omit<CacheRun, 'wallMs'>), wallMs: performance.now() - started };
}

/**
 * Runs a workload, for so long, until the optimiser has left code, and one more time to see it used.
 *
 * @param runMs - 0: one call.
 */
export async function warmUp(workload: string, expectsHit = true, runMs = 0): Promise<WarmDirectory> {
  const path = mkdtempSync(join(tmpdir(), 'lockgate-bench-'));
  const { result } = await runOnce(workload, 'plain');
  if (expectsHit) {
    await runOnce(workload, path, OPTIMISER_PATIENCE_MS, runMs);
    const check = await runOnce(workload, path);
    if (check.hits !== 1) throw new Error(`the optimiser left no code for ${workload}`);
    if (check.result !== result) throw new Error(`${workload} gave ${check.result} with the cache, ${result} without`);
  }
  return { path, result, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
