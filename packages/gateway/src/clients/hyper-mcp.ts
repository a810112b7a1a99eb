import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Client, ClientFile, Found } from './client.ts';
import { type Draft, newDraft } from './draft.ts';
import { hiddenTools, type KeyRule, type KeyRules, notHere, texts } from './key-rules.ts';
import { memorySize } from './memory-size.ts';
import { finishEntry } from './translate-server.ts';
import { isTree, kindOf, mapTexts, type Tree } from './tree.ts';
import { appData } from './user-folders.ts';
import { translateVariables, type VariableContext } from './variable-syntax.ts';

const VARIABLES: VariableContext = { client: 'hyper-mcp', syntax: { plain: true }, project: undefined };

/** Sources: the README, RUNTIME_CONFIG.md and SKIP_TOOLS_GUIDE.md of tuananh/hyper-mcp. Older files have a list of plugins, each with its name in it. */
export const hyperMcp: Client = {
  id: 'hyper-mcp',
  name: 'hyper-mcp',
  file: 'config.json',
  places: (machine) =>
    ['json', 'yaml', 'yml', 'toml'].map((format) => join(appData(machine), 'hyper-mcp', `config.${format}`)),
  hasPath: (path) => /(^|\/)hyper-mcp\/config\.(json|ya?ml|toml)$/.test(path),
  hasShape: ({ tree }) => !('mcpServers' in tree) && pluginsOf(tree).some(({ raw }) => isTree(raw) && isTheirs(raw)),
  read: readHyperMcp,
};

/** What no plugin of Lockgate has: a "runtime_config", or an address without a SHA-256. */
function isTheirs(raw: Tree): boolean {
  return 'runtime_config' in raw || (originOf(raw) !== undefined && isAddress(originOf(raw)) && !('sha256' in raw));
}

function readHyperMcp({ path, tree }: ClientFile): readonly Found[] {
  const others = Object.keys(tree).filter((key) => key !== 'plugins' && key !== '$schema');
  return [
    ...pluginsOf(tree).map(({ name, raw }) => readPlugin(name, raw, dirname(path))),
    ...others.map((name): Found => ({ name, leftOut: ELSEWHERE.get(name) ?? 'Lockgate has nothing like it' })),
  ];
}

const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['auths', 'it is for fetching modules, which Lockgate does not log in for: fetch them, and give their "path"'],
  ['oci', 'it is for fetching modules from registries: fetch them, and give their "path"'],
]);

interface Listed {
  readonly name: string;
  readonly raw: unknown;
}

function pluginsOf({ plugins = {} }: Tree): readonly Listed[] {
  if (isTree(plugins)) return Object.entries(plugins).map(([name, raw]) => ({ name, raw }));
  if (!Array.isArray(plugins)) return [{ name: 'plugins', raw: plugins }];
  return plugins.map((raw: unknown, index) => ({
    name: isTree(raw) && typeof raw.name === 'string' && raw.name !== '' ? raw.name : `plugins[${index}]`,
    raw,
  }));
}

function originOf({ url, path }: Tree): unknown {
  return url ?? path;
}

/** A scheme has two letters at least: one is a drive of Windows. */
function isAddress(origin: unknown): boolean {
  return typeof origin === 'string' && /^[a-z][a-z0-9+.-]+:\/\//i.test(origin);
}

function readPlugin(name: string, raw: unknown, folder: string): Found {
  if (!isTree(raw)) return { name, leftOut: `expected an object, got ${kindOf(raw)}` };
  const draft = newDraft();
  const {
    name: _,
    url,
    path,
    runtime_config: runtime,
    ...others
  } = mapTexts(raw, (text) => translateVariables(text, VARIABLES, draft)) as Tree;
  const origin = originOf({ url, path });
  if (typeof origin !== 'string' || origin === '')
    return { name, leftOut: `"url": expected the address or path of a module, got ${kindOf(origin)}` };
  takeOrigin(name, origin, folder, draft);
  if (isTree(runtime)) takeKeys(runtime, RUNTIME_KEYS, draft);
  else if (runtime !== undefined && runtime !== null)
    return { name, leftOut: `"runtime_config": expected an object, got ${kindOf(runtime)}` };
  takeKeys(others, {}, draft);
  return finishEntry(name, 'plugins', draft, undefined);
}

/** A file stays where it is. What is elsewhere is expected beside the configuration, and the plugin switched off until it is there. */
function takeOrigin(name: string, origin: string, folder: string, { entry, remarks }: Draft): void {
  const local = isAddress(origin) ? fileOf(origin) : origin;
  if (local !== undefined) {
    entry.path = local.startsWith('$') || isAbsolute(local) ? local : resolve(folder, local);
    return;
  }
  const file = `./${name.replace(/[^\w.-]+/g, '-')}.wasm`;
  entry.path = file;
  entry.disabled = true;
  const [scheme = ''] = origin.toLowerCase().split(':', 1);
  remarks.add(
    `its module is at an address of "${scheme}:", so it is switched off: ${HOW_TO_FETCH.get(scheme) ?? 'fetch it'}, put it beside the configuration as "${file}", then leave out "disabled"`,
  );
}

const HOW_TO_FETCH: ReadonlyMap<string, string> = new Map([
  ['oci', 'take plugin.wasm out of the image ("docker create" and "docker cp", or "oras pull")'],
  ['s3', 'fetch it ("aws s3 cp")'],
  ['http', 'fetch it ("curl -fLo")'],
  ['https', 'fetch it ("curl -fLo"; or give "url" and "sha256" in place of "path")'],
]);

/** The path of a `file:` address of this machine. */
function fileOf(address: string): string | undefined {
  const [, path] = /^file:\/\/(?:localhost)?(?:\/(?=[a-z]:\/))?((?:\/|\$|[a-z]:\/).*)$/is.exec(address) ?? [];
  try {
    return path === undefined ? undefined : decodeURIComponent(path);
  } catch {
    return path;
  }
}

function takeKeys(tree: Tree, rules: KeyRules, draft: Draft): void {
  for (const [key, value] of Object.entries(tree)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) draft.remarks.add(`"${key}" is left out: Lockgate knows no such key`);
    else rule(value, draft, key);
  }
}

/** It reaches plugins as Extism's config, which are settings here. */
const settings: KeyRule = (value, draft, key) => {
  const { entry, leftOut } = collect(value, key);
  draft.entry.settings = entry.env;
  draft.leftOut ??= leftOut;
};

function collect(value: unknown, key: string): Draft {
  const draft = newDraft();
  texts('env')(value, draft, key);
  return draft;
}

/** Globs over names of hosts there, names and whole subdomains here. */
const hosts: KeyRule = (value, { entry, remarks }, key) => {
  const wanted: readonly unknown[] = Array.isArray(value) ? value : [value];
  const given = wanted.filter((host) => typeof host === 'string' && host !== '');
  const allow = given.filter((host) => host === '*' || /^(\*\.)?[^*?[\]{}!/]+$/.test(host as string));
  if (allow.length > 0) entry.hosts = allow;
  if (allow.length < given.length)
    remarks.add(`of "${key}" ${given.length - allow.length} are left out: "hosts" has names, "*.domain" and "*"`);
  if (allow.includes('*'))
    remarks.add(`"*" of "${key}" is every public address here: name each that is not public in "hosts" as well`);
};

/** `host`, or `host:guest`: here a guest has its directories under their own paths. */
const directories: KeyRule = (value, { entry, remarks }, key) => {
  const given = (Array.isArray(value) ? value : [value]).map(String);
  const own = given.flatMap((text) => {
    const [, from, to = from] = /^([^:]+)(?::(.+))?$/.exec(text) ?? [];
    return from !== undefined && from === to ? [`fs://${from}:rw`] : [];
  });
  if (own.length > 0) entry.storage = own;
  if (own.length < given.length)
    remarks.add(
      `of "${key}" ${given.length - own.length} are left out: "storage" has directories under their own paths`,
    );
};

const hiddenItems = notHere('prompts and resources of a plug-in are served whole; say in "roles" who may use which');

const RUNTIME_KEYS: KeyRules = {
  env_vars: settings,
  allowed_hosts: hosts,
  allowed_host: hosts,
  memory_limit: memorySize,
  skip_tools: hiddenTools,
  skip_prompts: hiddenItems,
  skip_resources: hiddenItems,
  skip_resource_templates: hiddenItems,
  tool_name_prefix: notHere('tools have the name of their plugin before them'),
  allowed_paths: directories,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it is to be written
  allowed_secrets: notHere('plug-ins get no secrets of the keyring here: write them in "settings" as "${NAME}"'),
};
