import type { ImportPlan } from '../clients/plan-import.ts';
import { readIfAny } from './config-target.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { printable } from './printable.ts';
import { writeWithBackup } from './write-with-backup.ts';

const NOTHING_YET = '# NAME=value lines for "lockgate serve --env"; no server needs one yet\n';

/**
 * Adds the values of variables to a file of NAME=value lines that only its owner can read, and a comment for each that is to be filled in.
 *
 * @throws CommandFailure when it cannot be written, or a value cannot stand in such a file.
 */
export async function writeSecrets(
  path: string,
  { variables, values }: Pick<ImportPlan, 'variables' | 'values'>,
): Promise<void> {
  const before = await readIfAny(path);
  const named = [...(before ?? '').matchAll(/^[ \t]*(#?)[ \t]*(?:export\s+)?([A-Za-z_]\w*)[ \t]*=/gm)];
  const has = (name: string, alsoAsComment: boolean): boolean =>
    named.some(([, comment, known]) => known === name && (alsoAsComment || comment === ''));
  const lines = variables.flatMap(({ name, sources, isSet, otherwise }) => {
    const value = values.get(name);
    if (value !== undefined) return has(name, false) ? [] : [`${name}=${quoted(name, value)}\n`];
    const preset = otherwise === undefined ? '' : `; ${JSON.stringify(otherwise)} where it is not set`;
    return isSet || has(name, true) ? [] : [`# ${printable(sources.join('; '))}${preset}\n# ${name}=\n`];
  });
  if (lines.length === 0) {
    // A file that is named is there afterwards: whoever is told to give it to "--env" can do so.
    if (before === undefined) await writeWithBackup(path, before, NOTHING_YET, { backup: false });
    return;
  }
  const start = before === undefined || before === '' || before.endsWith('\n') ? (before ?? '') : `${before}\n`;
  await writeWithBackup(path, before, start + lines.join(''), { backup: false });
}

function quoted(name: string, value: string): string {
  if (/^[\w./:@+=,-]+$/.test(value)) return value;
  const quote = ["'", '"', '`'].find((mark) => !value.includes(mark) && !(mark === '"' && value.includes('\\')));
  if (quote === undefined)
    throw new CommandFailure(
      `the value of ${name} has quotes of every kind: put it into the environment yourself`,
      EXIT.usage,
    );
  return `${quote}${value}${quote}`;
}

/** Whether a plan has variables that a file for `--env` can bring. */
export function hasUnset({ variables }: Pick<ImportPlan, 'variables'>): boolean {
  return variables.some(({ isSet, otherwise }) => !isSet && otherwise === undefined);
}
