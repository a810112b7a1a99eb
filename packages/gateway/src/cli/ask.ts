import type { ReadFile } from '../clients/read-client-file.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { keyOf } from './found-key.ts';
import { machineOf } from './machine.ts';
import { printable, underHome } from './printable.ts';
import type { Terminal } from './terminal.ts';

const USUAL_COLUMNS = 80;

/**
 * Asks which servers are wanted; all are, to begin with.
 *
 * @throws CommandFailure when somebody cancels.
 */
export async function askForServers(files: readonly ReadFile[], terminal: Terminal): Promise<ReadonlySet<string>> {
  const { groupMultiselect, isCancel } = await import('@clack/prompts');
  const { home } = machineOf(terminal);
  const options = Object.fromEntries(
    files.flatMap((file) => {
      const entries = file.found.filter((found) => 'entry' in found);
      if (entries.length === 0) return [];
      const choices = entries.map((entry) => ({
        value: keyOf(entry, file),
        label: printable(entry.name),
        ...(entry.entry.disabled === true ? { hint: 'switched off there' } : {}),
      }));
      return [[`${file.client.name}: ${printable(underHome(file.path, home))}`, choices]];
    }),
  );
  const all = Object.values(options).flatMap((choices) => choices.map(({ value }) => value));
  if (all.length === 0) return new Set();
  const chosen = await groupMultiselect({
    message: 'Which servers shall Lockgate serve?',
    options,
    initialValues: all,
    required: false,
    ...streamsOf(terminal),
  });
  if (isCancel(chosen)) throw new CommandFailure('nothing has been written', EXIT.usage);
  return new Set(chosen);
}

/** Asks whether to write, and whether secrets go into a file; undefined where nothing is to be written. */
export async function askForWriting(
  path: string,
  secrets: number,
  secretsFile: string | undefined,
  terminal: Terminal,
): Promise<{ readonly secrets?: string } | undefined> {
  const { confirm, isCancel } = await import('@clack/prompts');
  const ask = async (message: string): Promise<boolean> => {
    const answer = await confirm({ message, initialValue: true, ...streamsOf(terminal) });
    return !isCancel(answer) && answer;
  };
  if (!(await ask(`Write ${path}?`))) return undefined;
  if (secretsFile !== undefined) return { secrets: secretsFile };
  if (secrets === 0) return {};
  const count = secrets === 1 ? 'the secret' : `the ${secrets} secrets`;
  const inFile = await ask(`Put ${count} of those files into lockgate.env, which only you can read?`);
  return inFile ? { secrets: 'lockgate.env' } : {};
}

function streamsOf({ stdin, stderr }: Terminal): { input: Terminal['stdin']; output: Terminal['stderr'] } {
  // A terminal that does not know its size says so: questions would be asked with one character in each line.
  const sized: Terminal['stderr'] & { columns?: number } = stderr;
  if (sized.columns === 0) sized.columns = USUAL_COLUMNS;
  return { input: stdin, output: stderr };
}
