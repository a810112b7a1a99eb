import { dirname, extname, join, resolve } from 'node:path';
import { foreignClient } from '../clients/foreign-file.ts';
import { EMPTY_CONFIG, mergeJson, mergeYaml, type NewEntry, SCHEMA_FILE } from '../clients/merge-config.ts';
import { isTree, type Tree } from '../clients/tree.ts';
import { ConfigError } from '../config/config-error.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { parseConfigText } from '../config/load.ts';
import { readTextFile, waitsForOthers } from '../config/read-text-file.ts';
import { whyUnreadable } from '../config/why-unreadable.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { type WrittenFile, writeWithBackup } from './write-with-backup.ts';

/** A configuration that a command adds to. */
export interface ConfigTarget {
  readonly path: string;
  readonly folder: string;
  readonly format: 'json' | 'yaml';
  /** Undefined where there is no such file yet. */
  readonly text: string | undefined;
  readonly tree: Tree;
}

/** @throws GATEWAY_CONFIG when what is there is broken; CommandFailure when it cannot be read. */
export async function openTarget(path: string): Promise<ConfigTarget> {
  const format = /^\.ya?ml$/i.test(extname(path)) ? 'yaml' : 'json';
  const common = { path, folder: dirname(path), format } as const;
  const text = await readIfAny(path);
  if (text === undefined || text.trim() === '') return { ...common, text, tree: {} };
  const { tree, problems = [] } = await parseConfigText(text, path, format);
  if (problems.length > 0) throw new ConfigError(path, problems);
  if (!isTree(tree)) throw new CommandFailure(`${path}: expected an object with "plugins" or "mcpServers"`, EXIT.usage);
  const client = foreignClient({ path, format, tree, home: '' });
  if (client !== undefined)
    throw new CommandFailure(
      `${path}: this is ${client.name}'s ${client.file}; give it another name, or name a configuration of Lockgate with --to`,
      EXIT.usage,
    );
  return { ...common, text, tree };
}

/** A text file; undefined where there is none. */
export async function readIfAny(path: string): Promise<string | undefined> {
  if (await waitsForOthers(path))
    throw new CommandFailure(`${path}: it is no file, and reading it might never end; name a file`, EXIT.usage);
  try {
    return await readTextFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CommandFailure(`${path}: ${whyUnreadable(error)}`, EXIT.usage);
  }
}

/** The text of a configuration with more entries. */
export async function withEntries(target: ConfigTarget, entries: readonly NewEntry[]): Promise<string> {
  const { text = '', tree, path, format } = target;
  if (format === 'json') return mergeJson(text.trim() === '' ? EMPTY_CONFIG : text, tree, entries, path);
  const start = text.trim() === '' ? `# yaml-language-server: $schema=./${SCHEMA_FILE}\n` : text;
  return mergeYaml(start, tree, entries, path);
}

/** What would change, as a diff; the whole text where there is no file yet. */
export async function differenceOf({ path, text }: ConfigTarget, next: string): Promise<string> {
  if (text === undefined) return next;
  const { createTwoFilesPatch } = await import('diff');
  const patch = createTwoFilesPatch(path, path, text, next, undefined, undefined, { context: 2 });
  return patch.replace(/^Index: .*\n=+\n/, '');
}

/** Writes a configuration, and beside a new one its schema for editors. */
export async function writeTarget(target: ConfigTarget, next: string): Promise<WrittenFile> {
  const written = await writeWithBackup(target.path, target.text, next);
  if (target.text === undefined) {
    const schema = resolve(join(target.folder, SCHEMA_FILE));
    await writeWithBackup(schema, await readIfAny(schema), `${JSON.stringify(configJsonSchema(), null, 2)}\n`, {
      backup: false,
      mode: 0o644,
    });
  }
  return written;
}
