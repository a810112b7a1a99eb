import type { SuiteSubjects } from '../suites/suite-subjects.ts';
import { SUITES } from '../suites/suite-table.ts';
import { UsageError } from './usage-error.ts';

const EXAMPLE = 'export default { module: { create } };';
const SUBJECTS: readonly string[] = [...new Set(SUITES.map(({ subject }) => subject))];

/**
 * The subjects of an author's module.
 *
 * @throws UsageError that says what the module gives instead.
 */
export function readSubjects(exports: Readonly<Record<string, unknown>>, file: string): SuiteSubjects {
  if (!('default' in exports)) {
    const names = Object.keys(exports);
    const instead = names.length === 0 ? 'exports nothing' : `exports only ${names.join(', ')}`;
    throw new UsageError(`${file} ${instead}: it needs a default export with its subjects, such as ${EXAMPLE}`);
  }
  const subjects = exports.default;
  if (!isObject(subjects))
    throw new UsageError(
      `the default export of ${file} has to be an object such as ${EXAMPLE}, got ${kindOf(subjects)}`,
    );
  const names = Object.keys(subjects).filter((name) => subjects[name] !== undefined);
  const unknown = names.filter((name) => !SUBJECTS.includes(name));
  if (unknown.length > 0 || names.length === 0) {
    const found = names.length === 0 ? 'is empty' : `has "${unknown.join('", "')}"`;
    throw new UsageError(`the default export of ${file} ${found}; subjects are ${SUBJECTS.join(', ')}`);
  }
  for (const name of names) checkSubject(name, subjects[name], file);
  return subjects as SuiteSubjects;
}

function checkSubject(name: string, subject: unknown, file: string): void {
  if (!isObject(subject))
    throw new UsageError(`"${name}" in ${file} has to be an object with a function "create", got ${kindOf(subject)}`);
  const { create, supports } = subject;
  if (typeof create !== 'function')
    throw new UsageError(`"${name}.create" in ${file} has to be a function, got ${kindOf(create)}`);
  if (supports === undefined) return;
  if (!isObject(supports))
    throw new UsageError(`"${name}.supports" in ${file} has to be an object, got ${kindOf(supports)}`);
  const [wrong] = Object.keys(supports).filter(
    (ability) => !['boolean', 'string', 'undefined'].includes(typeof supports[ability]),
  );
  if (wrong !== undefined)
    throw new UsageError(
      `"${name}.supports.${wrong}" in ${file} has to be true, false or why it is not supported, got ${kindOf(supports[wrong])}`,
    );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
