import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Scenario → whether all its checks passed. */
export type Outcome = ReadonlyMap<string, boolean>;

const cli = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

/**
 * Runs everything that a revision requires of a server. Some scenarios wait for a message for half a second and no
 * longer, which a busy machine may miss: what fails is run once more, by itself.
 */
export async function runRequirements(url: string, revision: string): Promise<Outcome> {
  const outcome = new Map(await runOnce(url, revision));
  for (const [scenario] of [...outcome].filter(([, passed]) => !passed)) {
    const again = await runSuite(url, ['--scenario', scenario, '--spec-version', revision]);
    outcome.set(scenario, again.get(scenario) ?? false);
  }
  return outcome;
}

/** Runs everything that a revision requires of a server, whatever comes of it. */
export function runOnce(url: string, revision: string): Promise<Outcome> {
  return runSuite(url, ['--requirements', revision]);
}

/** Why the checks of a scenario fail that do. */
export async function failedChecks(url: string, revision: string, scenario: string): Promise<string[]> {
  const output = await run([cli, 'server', '--url', url, '--scenario', scenario, '--spec-version', revision]);
  const [, , failed] = /^Passed: (\d+)\/\d+, (\d+) failed/m.exec(output) ?? [];
  const reasons = [...output.matchAll(/^ +Error: (.*)$/gm)].map(([, reason = '']) => reason);
  if (reasons.length !== Number(failed))
    throw new Error(`${reasons.length} reasons for ${failed} failures:\n${output}`);
  return reasons;
}

/** Runs every scenario of a revision, required or not, whatever comes of it. */
export function runAll(url: string, revision: string): Promise<Outcome> {
  return runSuite(url, ['--suite', 'all', '--spec-version', revision]);
}

/**
 * Lets a scenario judge what its own server hears from the gateway in front of it.
 *
 * @param era - `--legacy` for a client of the 2025 era in front of the gateway.
 */
export async function failedClientChecks(
  revision: string,
  scenario: string,
  era?: '--legacy',
): Promise<{ passed: number; failed: string[] }> {
  const program = new URL('./fixtures/client-through-gateway.ts', import.meta.url).pathname;
  const command = [process.execPath, '--conditions=@lockgate/source', program, era].filter(Boolean).join(' ');
  const output = await run([cli, 'client', '--command', command, '--scenario', scenario, '--spec-version', revision]);
  const [, passed, failed] = /^Passed: (\d+)\/\d+, (\d+) failed/m.exec(output) ?? [];
  if (passed === undefined) throw new Error(`the suite gave no figures:\n${output}`);
  const reasons = [...output.matchAll(/^ {2}- (.*)$/gm)].map(([, reason = '']) => reason);
  return { passed: Number(passed), failed: failed === '0' ? [] : reasons };
}

async function runSuite(url: string, choice: readonly string[]): Promise<Outcome> {
  const results = await mkdtemp(join(tmpdir(), 'lockgate-conformance-'));
  try {
    const output = await run([cli, 'server', '--url', url, ...choice, '--output-dir', results]);
    const [, alone] = choice[0] === '--scenario' ? choice : [];
    if (alone !== undefined) return new Map([[alone, /^Passed: (\d+)\/\1, 0 failed/m.test(output)]]);
    // The suite runs some scenarios for information only; their lines are indented and carry the reason.
    const informative = new Set([...output.matchAll(/^ {2}[✓✗] ([\w-]+) \(/gm)].map(([, name]) => name));
    const lines = [...output.matchAll(/^([✓✗]) ([\w-]+): (\d+) passed, (\d+) failed/gm)];
    return new Map(lines.flatMap(([, mark, name = '']) => (informative.has(name) ? [] : [[name, mark === '✓']])));
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

function run(args: readonly string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  // A suite with failures exits with 1; its output says which.
  execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) =>
    resolve(stdout + stderr),
  );
  return promise;
}

/** The outcomes of several servers beside each other, as lines of text. */
export function sideBySide(revision: string, columns: Readonly<Record<string, Outcome>>): string {
  const names = Object.keys(columns);
  const scenarios = [...new Set(Object.values(columns).flatMap((outcome) => [...outcome.keys()]))];
  const width = Math.max(...scenarios.map((name) => name.length), revision.length);
  const row = (first: string, cells: readonly string[]): string =>
    [first.padEnd(width), ...cells.map((cell, i) => cell.padEnd(names[i]?.length ?? 0))].join('  ');
  const mark = (outcome: Outcome | undefined, scenario: string): string => {
    const passed = outcome?.get(scenario);
    return passed === undefined ? '-' : passed ? 'pass' : 'FAIL';
  };
  const passed = (outcome: Outcome): string => `${[...outcome.values()].filter(Boolean).length}/${outcome.size}`;
  return [
    row(revision, names),
    ...scenarios.map((scenario) =>
      row(
        scenario,
        names.map((name) => mark(columns[name], scenario)),
      ),
    ),
    row('', Object.values(columns).map(passed)),
  ].join('\n');
}
