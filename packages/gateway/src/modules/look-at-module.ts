import type { ModuleLimits, ModuleOrigin } from '../config/modules-section.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { inspectFile } from './inspect-file.ts';

/**
 * Why a module could not be served: its file cannot be read, is no guest of this kind, or is not the one that "sha256"
 * names. Undefined where nothing is wrong, and of a module behind an address, which is not fetched for this.
 */
export async function lookAtModule(
  kind: 'plugin' | 'guard',
  { path, sha256, limits }: ModuleOrigin & { readonly limits: ModuleLimits },
): Promise<Diagnosis | undefined> {
  if (path === undefined) return undefined;
  const found = await inspectFile(path, '.', limits.memoryCeilingBytes);
  const abi = found.report?.abi;
  if (abi !== undefined && abi !== 'unknown' && abi !== kind)
    return {
      problem: `it is a ${abi}, not a ${kind}`,
      remedy: `name it under "${abi}s", or give the file of a ${kind}`,
    };
  const [first, ...others] = found.problems;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` (and ${others.length} more; "lockgate inspect" has all)`;
    return { problem: first.replace(/\.$/, '') + more, remedy: found.remedies[0] ?? 'build it again' };
  }
  return sha256 === undefined || sha256 === found.sha256
    ? undefined
    : {
        problem: `its SHA-256 is ${found.sha256}, not the one of "sha256"`,
        remedy: 'find out where it comes from, then correct "sha256"',
      };
}
