import { homedir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import type { ConfigText } from './config-text.ts';
import { isOfDisabledEntry } from './disabled-entries.ts';
import { foreignKey } from './foreign-keys.ts';
import { formatPlace, type Place } from './place.ts';
import { placeholders } from './placeholders.ts';
import { describeIssues } from './problems.ts';
import { configSchema, type GatewayConfig } from './schema.ts';
import { collectSecrets } from './secrets.ts';
import { clientOnlyKeys } from './servers-section.ts';
import { readSetting, SETTINGS, variableName } from './settings.ts';
import { withAbsoluteGrant } from './storage-grant.ts';
import { unreplacedVariables } from './unreplaced-variables.ts';
import { expandVariables } from './variables.ts';
import { writtenOutKeys } from './written-out-keys.ts';

/** Where a value came from, highest precedence first. */
export type Source =
  | { readonly from: 'flag'; readonly name: string }
  | { readonly from: 'environment'; readonly name: string }
  | { readonly from: 'env file'; readonly name: string }
  | { readonly from: 'file'; readonly raw?: string }
  | { readonly from: 'default' };

export interface ResolveInput {
  readonly text: ConfigText;
  /** What relative paths of the configuration are relative to. */
  readonly folder: string;
  /** Given flags by setting name, as text. */
  readonly flags: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Variables of the `--env` file; a variable of the environment wins over one of the same name here. */
  readonly envFile?: Readonly<Record<string, string | undefined>>;
  /** What relative paths of flags and variables are relative to. */
  readonly workingFolder: string;
}

export interface ResolvedConfig {
  readonly config: GatewayConfig;
  /** By formatted place, for every value that is not a default. */
  readonly sources: ReadonlyMap<string, Source>;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
  /** What works, yet probably not as meant. */
  readonly warnings: readonly string[];
  /** Where in the text a value stands. */
  readonly locate: ConfigText['locate'];
}

const NO_ADDRESS = 'http://undefined.invalid';

type Tree = Record<string, unknown>;

/**
 * Makes the one configuration that holds: flag > environment > env file > configuration file > default, variables
 * expanded, paths absolute, every default filled in.
 *
 * @throws GATEWAY_CONFIG with everything that is wrong.
 */
export function resolveConfig(input: ResolveInput): ResolvedConfig {
  const { text, folder, environment, envFile = {} } = input;
  const variables = { ...envFile, ...environment };
  const literalKeys = writtenOutKeys(text.tree);
  const isOff = (problem: ConfigProblem): boolean => isOfDisabledEntry(problem, text.tree);
  const { value, problems, expanded } = expandVariables(text.tree, variables, resolvePath(folder));
  const [lacking, unmet] = [problems.filter(isOff), problems.filter((problem) => !isOff(problem))];
  const located = [...literalKeys, ...unmet].map((problem) => ({ ...problem, ...text.locate(problem.place) }));
  const failures: ConfigProblem[] = [...(text.problems ?? []), ...located];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = 'expected an object with "plugins" or "mcpServers"';
    throw new ConfigError(text.source, failures.length > 0 ? failures : [{ place: [], message }]);
  }
  const tree = structuredClone(value) as Tree;
  // An address is checked, and this one will never be asked.
  for (const { place } of lacking) if (place.at(-1) === 'url') write(tree, place, NO_ADDRESS);
  const warnings = [...ignoredKeys(tree), ...unreplacedVariables(text.tree, variables), ...placeholders(text.tree)];
  makeAbsolute(tree, folder);
  const sources = fileSources(tree, new Map(expanded.map(({ place, raw }) => [formatPlace(place), raw])));
  failures.push(...applySettings(tree, sources, input));

  const parsed = configSchema.safeParse(tree);
  if (!parsed.success || failures.length > 0) {
    const others = [...describeIssues(parsed.error?.issues ?? [], tree), ...underForeignName(tree)]
      // What is at fault already holds no value that could be judged.
      .filter(({ place }) => place.length === 0 || !failures.some((known) => isDeepStrictEqual(known.place, place)))
      .map((problem) => withOrigin(problem, sources, text));
    throw new ConfigError(text.source, [...failures, ...others]);
  }
  const config = withDefaultFolders(parsed.data, environment, folder);
  return { config, sources, warnings, secrets: collectSecrets(tree, expanded), locate: (place) => text.locate(place) };
}

/** What would be wrong once the servers stand under the key that they have here: everything is to be said at once. */
function underForeignName(tree: Tree): readonly ConfigProblem[] {
  const name = Object.keys(tree).find((key) => foreignKey([], key)?.standsFor === 'mcpServers');
  if (name === undefined || tree.mcpServers !== undefined) return [];
  const renamed = { mcpServers: tree[name] };
  return describeIssues(configSchema.safeParse(renamed).error?.issues ?? [], renamed).map(({ place, message }) => {
    return { place: [name, ...place.slice(1)], message };
  });
}

function ignoredKeys(tree: Tree): string[] {
  const servers = Object.entries((tree?.mcpServers as Record<string, Tree> | undefined) ?? {});
  return servers.flatMap(([name, entry]) =>
    (typeof entry === 'object' && entry !== null ? clientOnlyKeys(entry) : []).map((key) => {
      const remedy = key === 'timeout' ? '; use "callTimeoutMs"' : '';
      return `${formatPlace(['mcpServers', name, key])}: a client's own key, ignored here${remedy}`;
    }),
  );
}

const GATEWAY_PATHS: readonly (readonly string[])[] = SETTINGS.filter(({ kind }) => kind === 'path').map(
  ({ place }) => place as readonly string[],
);

function makeAbsolute(tree: Tree, folder: string): void {
  const absolute = (holder: unknown, key: string): void => {
    const entry = holder as Tree | null | undefined;
    const value = typeof entry === 'object' ? entry?.[key] : undefined;
    if (entry && typeof value === 'string' && value !== '') entry[key] = fromFolder(folder, value);
  };
  for (const place of GATEWAY_PATHS) {
    absolute(
      place.slice(0, -1).reduce<unknown>((node, step) => (node as Tree | undefined)?.[step], tree),
      place.at(-1) as string,
    );
  }
  const { answers, state } = (tree?.gateway as Tree | undefined) ?? {};
  absolute((answers as Tree | undefined)?.store, 'dir');
  const tls = ((state as Tree | undefined)?.redis as Tree | undefined)?.tls;
  for (const file of ['ca', 'cert', 'key']) absolute(tls, file);
  for (const section of ['plugins', 'guards'])
    for (const entry of Object.values((tree?.[section] as object | undefined) ?? {})) absolute(entry, 'path');
  for (const entry of Object.values((tree?.mcpServers as object | undefined) ?? {})) {
    absolute(entry, 'cwd');
    absolute(entry, 'wasm');
  }
  const guests = [tree?.plugins, tree?.mcpServers].flatMap((section) =>
    Object.values((section as object | undefined) ?? {}),
  );
  for (const entry of guests) {
    const storage = (entry as Tree | null)?.storage;
    if (!Array.isArray(storage)) continue;
    (entry as Tree).storage = storage.map((grant: unknown) =>
      typeof grant === 'string' ? withAbsoluteGrant(grant, (path) => fromFolder(folder, path)) : grant,
    );
  }
}

function fromFolder(folder: string, path: string): string {
  return /^~(?=$|[/\\])/.test(path) ? join(homedir(), path.slice(1)) : resolvePath(folder, path);
}

function fileSources(tree: unknown, raws: ReadonlyMap<string, string>): Map<string, Source> {
  const sources = new Map<string, Source>();
  const walk = (node: unknown, place: Place): void => {
    if (typeof node === 'object' && node !== null) {
      for (const [key, item] of Object.entries(node)) walk(item, [...place, Array.isArray(node) ? Number(key) : key]);
      return;
    }
    const name = formatPlace(place);
    const raw = raws.get(name);
    sources.set(name, { from: 'file', ...(raw === undefined ? {} : { raw }) });
  };
  walk(tree, []);
  return sources;
}

/** Lays flags and variables over the file's tree, in place. @returns what is wrong with them */
function applySettings(tree: Tree, sources: Map<string, Source>, input: ResolveInput): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const { name, place, kind } of SETTINGS) {
    const given = givenOutside(name, input);
    if (given === null) continue;
    const read = readSetting(kind, given.text);
    if ('problem' in read) {
      problems.push({ place: [], source: given.source.name, message: read.problem });
      continue;
    }
    const value = kind === 'path' ? fromFolder(input.workingFolder, String(read.value)) : read.value;
    // `--console` switches on what the file says of it, and takes none of it away.
    if (value === true && isObject(tree, place)) continue;
    write(tree, place, value);
    const at = formatPlace(place);
    for (const known of [...sources.keys()]) if (known.startsWith(`${at}[`)) sources.delete(known);
    if (Array.isArray(value)) value.forEach((_, index) => void sources.set(`${at}[${index}]`, given.source));
    else sources.set(at, given.source);
  }
  return problems;
}

type OutsideSource = Extract<Source, { readonly name: string }>;

/** The text that a flag, the environment or the env file gives for a name, first of them wins. */
export function givenOutside(
  name: string,
  { flags, environment, envFile = {} }: Pick<ResolveInput, 'flags' | 'environment' | 'envFile'>,
): { readonly text: string; readonly source: OutsideSource } | null {
  const variable = variableName(name);
  const candidates: readonly (readonly [string | undefined, OutsideSource])[] = [
    [flags[name], { from: 'flag', name: `--${name}` }],
    [environment[variable], { from: 'environment', name: variable }],
    [envFile[variable], { from: 'env file', name: variable }],
  ];
  for (const [text, source] of candidates) {
    // An empty variable is how shells and container files say "not set".
    if (text !== undefined && (source.from === 'flag' || text !== '')) return { text, source };
  }
  return null;
}

function write(tree: Tree, place: Place, value: unknown): void {
  let node = tree;
  for (const step of place.slice(0, -1)) {
    node[step] ??= {};
    // What is no object stays, so that checking it later can name it.
    if (typeof node[step] !== 'object' || Array.isArray(node[step])) return;
    node = node[step] as Tree;
  }
  node[place.at(-1) as string] = value;
}

function isObject(tree: Tree, place: Place): boolean {
  const found = place.reduce<unknown>((node, step) => (node as Tree | null | undefined)?.[step], tree);
  return typeof found === 'object' && found !== null;
}

function withOrigin(problem: ConfigProblem, sources: ReadonlyMap<string, Source>, text: ConfigText): ConfigProblem {
  const source = sources.get(formatPlace(problem.place));
  if (source && 'name' in source) return { ...problem, place: [], source: source.name };
  const partner = SETTINGS.find((setting) => isDeepStrictEqual(setting.place, problem.place));
  const given = partner && source === undefined ? givenBeside(partner.place, sources) : undefined;
  if (partner && given) {
    const needed = given.from === 'flag' ? `--${partner.name}` : variableName(partner.name);
    return { ...problem, place: [], source: given.name, message: `needs ${needed}: ${partner.help}` };
  }
  return { ...problem, ...text.locate(problem.place) };
}

/** The flag or variable that gives another value of the same object, as `--tls-cert` does for `--tls-key`. */
function givenBeside(place: Place, sources: ReadonlyMap<string, Source>): OutsideSource | undefined {
  if (place.length < 3) return undefined;
  const beside = `${formatPlace(place.slice(0, -1))}.`;
  return [...sources]
    .filter(([at]) => at.startsWith(beside))
    .map(([, source]) => source)
    .find((source): source is OutsideSource => 'name' in source);
}

function withDefaultFolders(
  config: GatewayConfig,
  environment: ResolveInput['environment'],
  folder: string,
): GatewayConfig {
  const state = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  const logDir = config.gateway.logDir ?? join(state, 'lockgate');
  const wasmCacheDir = config.gateway.wasmCacheDir ?? join(logDir, 'wasm-cache');
  const { dir = join(state, 'lockgate', 'vault'), key, keyFile } = config.gateway.vault;
  const vault = {
    dir,
    key,
    keyFile: keyFile ?? (key === undefined ? join(state, 'lockgate', 'vault.key') : undefined),
  };
  const { pins } = config.gateway;
  return {
    ...config,
    gateway: {
      ...config.gateway,
      logDir,
      wasmCacheDir,
      vault,
      pins: { ...pins, file: pins.file ?? join(folder, 'lockgate.pins.json') },
    },
    mcpServers: Object.fromEntries(
      Object.entries(config.mcpServers).map(([name, entry]) => [
        name,
        entry.type === 'stdio' ? { ...entry, cwd: entry.cwd ?? folder } : entry,
      ]),
    ),
  };
}
