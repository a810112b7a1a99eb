import { type ModuleReport, toolProblems } from '@lockgate/abi';
import type { ModuleLimits, ModuleOrigin, PluginEntry } from '../config/modules-section.ts';
import { IN_MEMORY } from '../config/storage-grant.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { dialectOf, inspectFile } from './inspect-file.ts';
import { roleOf } from './role-of.ts';

/** What is looked at of an entry. */
export interface LookedAt extends ModuleOrigin, Pick<PluginEntry, 'exports'> {
  readonly limits: ModuleLimits;
  /** What a whole server may reach over HTTP. */
  readonly hosts?: readonly string[] | undefined;
  /** The directories that it may use, and whether it has keys and values. */
  readonly storage?: readonly string[] | undefined;
}

const TITLES = { plugin: 'plugin', guard: 'guard', command: 'whole server' } as const;
const WRITTEN = {
  plugin: 'name it under "plugins"',
  guard: 'name it under "guards"',
  command: 'name it as "wasm" of an entry of "mcpServers"',
} as const;

const NO_NETWORK: Diagnosis = {
  problem: 'it is granted "hosts", and WASI preview 1 has no network',
  remedy: 'leave "hosts" out, or build it as a component of WASI 0.2; see docs/whole-servers.md',
};

const NO_STORES: Diagnosis = {
  problem: `its "storage" has "${IN_MEMORY}", and WASI preview 1 has no stores of keys and values`,
  remedy: `leave "${IN_MEMORY}" out, or build it as a component of WASI 0.2; see docs/whole-servers.md`,
};

/**
 * Why a module could not be served: its file cannot be read, is no guest of this kind, or is not the one that "sha256"
 * names. Undefined where nothing is wrong, and of a module behind an address, which is not fetched for this.
 */
export async function lookAtModule(
  kind: 'plugin' | 'guard' | 'command',
  { path, sha256, limits, exports: tools, hosts, storage }: LookedAt,
): Promise<Diagnosis | undefined> {
  if (path === undefined) return undefined;
  const found = await inspectFile(path, '.', limits.memoryCeilingBytes);
  const is = found.report && roleOf(found.report);
  if (is !== undefined && is !== kind)
    return {
      problem: `it is a ${TITLES[is]}, not a ${TITLES[kind]}`,
      remedy: `${WRITTEN[is]}, or give the file of a ${TITLES[kind]}`,
    };
  const [first, ...others] = found.problems;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` (and ${others.length} more; "lockgate inspect" has all)`;
    return { problem: first.replace(/\.$/, '') + more, remedy: found.remedies[0] ?? 'build it again' };
  }
  if (is === 'command' && found.report?.component === undefined) {
    if (hosts?.length) return NO_NETWORK;
    if (storage?.includes(IN_MEMORY)) return NO_STORES;
  }
  const problem = found.report && toolProblem(found.report, tools);
  if (problem !== undefined) return problem;
  return sha256 === undefined || sha256 === found.sha256
    ? undefined
    : {
        problem: `its SHA-256 is ${found.sha256}, not the one of "sha256"`,
        remedy: 'find out where it comes from, then correct "sha256"',
      };
}

function toolProblem(report: ModuleReport, tools: LookedAt['exports']): Diagnosis | undefined {
  const dialect = dialectOf(report);
  const [problem] = dialect ? toolProblems(dialect, tools, report) : [];
  if (dialect === undefined || problem === undefined) return undefined;
  return { problem, remedy: `name what "lockgate inspect" says that it exports; see ${dialect.guide}` };
}
