import { access } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import type { ConfigText } from '../config/config-text.ts';
import { readEnvFile } from '../config/env-file.ts';
import { type FileTexts, type HandedFiles, NotedFiles } from '../config/file-texts.ts';
import { DEFAULT_FILES, formatOf, loadConfigFile, parseConfigText } from '../config/load.ts';
import { readTextFile } from '../config/read-text-file.ts';
import { givenOutside, type ResolvedConfig, resolveConfig } from '../config/resolve.ts';
import { SETTINGS } from '../config/settings.ts';
import { configFlag } from './config-flag.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** A configuration, and the files as they were when it was read; none for stdin. */
export interface ReadConfig extends ResolvedConfig {
  readonly texts: FileTexts;
}

/** A configuration as a command was asked to read it; `read` reads it again, e.g. after the file has changed. */
export interface OpenedConfig extends ReadConfig {
  /** Files that the configuration was read from; empty for stdin. */
  readonly files: readonly string[];
  readonly source: string;
  /** What a hint adds to a command of lockgate that is to mean it, with a space before it. */
  readonly flag: string;
  read(): Promise<ReadConfig>;
  /** As `read` would, if the file held this text. Undefined where there is no file. */
  readonly readText?: ((text: string) => Promise<ResolvedConfig>) | undefined;
}

/** Adds `--config`, `--config-stdin`, `--env` and a flag for every setting. */
export function addConfigOptions(command: Command): Command {
  command
    .option('-c, --config <file>', `configuration file (default: ${DEFAULT_FILES[0]} and the like in this folder)`)
    .option('--config-stdin', 'read the configuration from stdin')
    .option('--env <file>', 'file of NAME=value lines, read before anything else');
  for (const { name, argument, help, kind } of SETTINGS) {
    command.addOption(new Option(argument === undefined ? `--${name}` : `--${name} ${argument}`, help));
    if (kind === 'boolean') command.addOption(new Option(`--no-${name}`).hideHelp());
  }
  return command;
}

/**
 * Reads the configuration that the flags of a command name.
 *
 * @param toConfig - Makes a configuration of what was read. @default refuses one of which a part cannot be used
 * @param handed - Files that are neither looked for nor read, since what they are taken for is known.
 * @throws GATEWAY_CONFIG when it cannot be used; CommandFailure when there is none.
 */
export async function openConfig(
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  toConfig: typeof resolveConfig = resolveConfig,
  handed?: HandedFiles,
): Promise<OpenedConfig> {
  const { environment, workingFolder } = terminal;
  const envPath = options.env as string | undefined;
  const envFile =
    envPath === undefined ? {} : await readEnvFile(resolve(workingFolder, envPath), new NotedFiles(handed?.texts).read);
  const flags = givenFlags(options);
  const given = { flags, environment, envFile };
  const common = { ...given, workingFolder };

  if (handed === undefined && (await isConfigOnStdin(options, terminal))) {
    if (options.config !== undefined)
      throw new CommandFailure('--config and --config-stdin both name a configuration; keep one', EXIT.usage);
    const piped = await readAll(terminal.stdin);
    try {
      const text = await parseConfigText(piped, 'stdin');
      const resolved = { ...toConfig({ ...common, text, folder: workingFolder }), texts: {} };
      return { ...resolved, files: [], source: 'stdin', flag: '', read: async () => resolved };
    } catch (error) {
      const { whoseFile } = await import('./whose-file.ts');
      throw await whoseFile(error, 'stdin', async () => piped, terminal);
    }
  }

  const named = (options.config as string | undefined) ?? givenOutside('config', given)?.text;
  const path = handed?.path ?? (named === undefined ? await findDefault(workingFolder) : resolve(workingFolder, named));
  if (path === undefined) {
    throw noConfiguration(workingFolder, 'name one with --config <file>, or pipe one in with --config-stdin');
  }
  const resolveText = async (text: ConfigText, noted = new NotedFiles(handed?.texts)): Promise<ResolvedConfig> => {
    const fresh = envPath === undefined ? {} : await readEnvFile(resolve(workingFolder, envPath), noted.read);
    return toConfig({ ...common, envFile: fresh, text, folder: dirname(path) });
  };
  const read = async (): Promise<ReadConfig> => {
    const noted = new NotedFiles(handed?.texts);
    try {
      const resolved = await resolveText(await loadConfigFile(path, noted.read), noted);
      return { ...resolved, texts: noted.texts };
    } catch (error) {
      const { whoseFile } = await import('./whose-file.ts');
      throw await whoseFile(error, path, () => readTextFile(path), terminal);
    }
  };
  const readText = async (text: string): Promise<ResolvedConfig> =>
    resolveText(await parseConfigText(text, path, formatOf(path)));
  const files = envPath === undefined ? [path] : [path, resolve(workingFolder, envPath)];
  const first = await read();
  const passedOver = named === undefined && handed === undefined ? await otherDefaults(path) : [];
  const warnings = [
    ...passedOver.map((other) => `${basename(path)} is read, and ${other} beside it is not`),
    ...first.warnings,
  ];
  const flag = configFlag(options.config, workingFolder);
  return { ...first, warnings, files, source: path, flag, read, readText };
}

/** As `openConfig`, with an empty configuration where none is named and none lies in the folder. */
export async function openConfigIfAny(
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  toConfig?: typeof resolveConfig,
): Promise<OpenedConfig> {
  const named = options.configStdin === true || (await commandSetting('config', options, terminal)) !== undefined;
  if (named || (await findDefault(terminal.workingFolder)) !== undefined)
    return openConfig(options, terminal, toConfig);
  return openConfig({ ...options, configStdin: true }, { ...terminal, stdin: Readable.from(['{}']) });
}

/**
 * A flag of a command itself, which no file holds: given, or from the environment, or from the env file.
 *
 * @param handed - As for `openConfig`.
 */
export async function commandSetting(
  name: string,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  handed?: HandedFiles,
): Promise<string | undefined> {
  const envPath = options.env as string | undefined;
  const { read } = new NotedFiles(handed?.texts);
  const envFile = envPath === undefined ? {} : await readEnvFile(resolve(terminal.workingFolder, envPath), read);
  const flag = options[camelCase(name)];
  const flags = flag === undefined ? {} : { [name]: String(flag) };
  return givenOutside(name, { flags, environment: terminal.environment, envFile })?.text;
}

/** Whether stdin is the configuration, so that nothing else can be read from there. */
export async function isConfigOnStdin(
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<boolean> {
  return options.configStdin === true || isYes(await commandSetting('config-stdin', options, terminal));
}

export function isYes(text: string | undefined): boolean {
  return text !== undefined && /^(1|true|yes|on)$/i.test(text);
}

function givenFlags(options: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    SETTINGS.flatMap(({ name }) => {
      const value = options[camelCase(name)];
      return value === undefined ? [] : [[name, String(value)]];
    }),
  );
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** What a command that needs a configuration says in a folder without one. */
export function noConfiguration(folder: string, otherwise: string): CommandFailure {
  return new CommandFailure(
    `no configuration: there is no ${DEFAULT_FILES.join(', ')} in ${folder}. "lockgate init" makes one of what your MCP clients have; else ${otherwise}.`,
    EXIT.usage,
  );
}

/** The configuration that a folder has; undefined where it has none. */
export async function findDefault(folder: string): Promise<string | undefined> {
  for (const name of DEFAULT_FILES) {
    const path = resolve(folder, name);
    if (await isThere(path)) return path;
  }
  return undefined;
}

/** Names of files beside the one that is read, which would be read without it. */
async function otherDefaults(path: string): Promise<readonly string[]> {
  const others: string[] = [];
  for (const name of DEFAULT_FILES)
    if (name !== basename(path) && (await isThere(resolve(dirname(path), name)))) others.push(name);
  return others;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
