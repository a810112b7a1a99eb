import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { commandProblem } from '../transport/command-problem.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { readTemplate, type Template, type TemplateTexts } from './templates.ts';
import { painter, type Terminal, wantsColor } from './terminal.ts';

/**
 * Writes a template's files into the folder `name` with that name in them, and says what to do next: the commands of its
 * README.
 *
 * @throws CommandFailure where a file is there already, before anything is written, or cannot be written.
 */
export async function createFromTemplate(
  template: Template,
  name: string,
  isDryRun: boolean,
  terminal: Terminal,
): Promise<void> {
  const texts = renamed(await readTemplate(template), template.name, name);
  const files = Object.keys(texts).map((file) => join(name, file));
  await mustBeFree(files, terminal.workingFolder);
  if (!isDryRun) await writeAll(texts, resolve(terminal.workingFolder, name));
  const paint = painter(wantsColor(terminal));
  terminal.stdout.write(files.map((file) => `${file}\n`).join(''));
  const commands = commandsOf(texts['README.md'] ?? '');
  terminal.stderr.write(`${paint('bold', isDryRun ? 'would be written; then:' : 'written; next:')}\n`);
  for (const command of [`cd ${name}`, ...commands]) terminal.stderr.write(`  ${command}\n`);
  for (const note of await missingPrograms(commands, terminal)) {
    terminal.stderr.write(`${paint('yellow', 'note:')} ${note}; README.md says what is needed\n`);
  }
}

/**
 * The texts under another name, in paths and contents alike, wherever the old one stands as a word of its own.
 *
 * @throws CommandFailure where the name is that of another file of the template.
 */
function renamed(texts: TemplateTexts, from: string, to: string): TemplateTexts {
  const word = new RegExp(`(?<![\\w-])${from}(?=__|[^\\w-]|$)`, 'g');
  const found: Record<string, string> = {};
  for (const [file, text] of Object.entries(texts)) {
    const path = file.replace(word, to);
    if (path !== file && Object.hasOwn(texts, path)) {
      throw new CommandFailure(`the name "${to}" is taken by the template's own ${path}; choose another`, EXIT.usage);
    }
    found[path] = text.replace(word, to);
  }
  return found;
}

async function mustBeFree(files: readonly string[], folder: string): Promise<void> {
  const found = await Promise.all(
    files.map(async (file) => (await lstat(resolve(folder, file)).catch(() => undefined)) && file),
  );
  const taken = found.filter((file) => file !== undefined);
  if (taken.length > 0) throw new CommandFailure(`nothing is overwritten, and there is already: ${taken.join(', ')}`);
}

async function writeAll(texts: TemplateTexts, folder: string): Promise<void> {
  for (const [file, text] of Object.entries(texts)) {
    const path = join(folder, file);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { flag: 'wx' });
    } catch (error) {
      throw new CommandFailure(`${path} cannot be written: ${(error as Error).message}`);
    }
  }
}

/** The first commands that a README gives, one a line. */
function commandsOf(readme: string): readonly string[] {
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(readme) ?? [];
  return block.trimEnd().split('\n');
}

/** What of the commands' programs is not here, in plain words. */
async function missingPrograms(commands: readonly string[], terminal: Terminal): Promise<readonly string[]> {
  const words = commands.map((command) => command.split(' ').find((word) => !word.includes('=')) ?? '');
  const programs = new Set(words.filter((word) => word !== '' && word !== 'lockgate'));
  const problems = [...programs].map((command) => commandProblem({ command, args: [], env: {} }, terminal.environment));
  return (await Promise.all(problems)).flatMap((found) => (found === undefined ? [] : [found.problem]));
}
