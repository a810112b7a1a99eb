import { readIfAny } from './config-target.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { writeWithBackup } from './write-with-backup.ts';

/**
 * Adds values to a file of NAME=value lines that only its owner can read.
 *
 * @throws CommandFailure when it cannot be written, or a value cannot stand in such a file.
 */
export async function writeSecrets(path: string, values: ReadonlyMap<string, string>): Promise<void> {
  const before = await readIfAny(path);
  const known = new Set([...(before ?? '').matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/gm)].map(([, name]) => name));
  const lines = [...values]
    .filter(([name]) => !known.has(name))
    .map(([name, value]) => `${name}=${quoted(name, value)}\n`);
  if (lines.length === 0) return;
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
