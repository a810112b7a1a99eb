import { basename, dirname, join, resolve } from 'node:path';
import type { Client, ClientFile, Found } from './client.ts';
import { newDraft } from './draft.ts';
import { texts } from './key-rules.ts';
import { finishEntry } from './translate-server.ts';
import { childTree, isTree, kindOf, mapTexts, type Tree } from './tree.ts';
import { translateVariables, type VariableContext } from './variable-syntax.ts';

const VARIABLES: VariableContext = { client: 'Switchboard', syntax: {}, project: undefined };

/** Source: the README of daltoniam/switchboard and files of it. */
export const pluginServer: Client = {
  id: 'switchboard',
  name: 'Switchboard',
  file: 'config.json',
  places: ({ home }) => [join(home, '.config', 'switchboard', 'config.json')],
  hasPath: (path) => /(^|\/)switchboard\/config\.json$/.test(path),
  hasShape: ({ format, tree }) =>
    format === 'json' &&
    !('mcpServers' in tree) &&
    (Array.isArray(tree.wasm_modules) || isIntegrations(tree.integrations)),
  read: readPluginServer,
};

function isIntegrations(value: unknown): boolean {
  return (
    isTree(value) &&
    Object.keys(value).length > 0 &&
    Object.values(value).every((item) => isTree(item) && ('enabled' in item || 'credentials' in item))
  );
}

function readPluginServer({ path, tree }: ClientFile): readonly Found[] {
  const integrations = childTree(tree, 'integrations') ?? {};
  const modules = modulesOf(tree);
  const names = new Set(modules.map(({ name }) => name));
  return [
    ...modules.map(({ name, raw }) => readModule(name, raw, childTree(integrations, name), dirname(path))),
    ...Object.keys(integrations)
      .filter((name) => !names.has(name))
      .map(
        (name): Found => ({
          name,
          leftOut:
            'the program has it built in, and no plugin stands in the file: look for an MCP server of that service',
        }),
      ),
  ];
}

interface Module {
  readonly name: string;
  readonly raw: unknown;
}

/** Modules by path, and those that came from a marketplace; one that stands in both counts once. */
function modulesOf(tree: Tree): readonly Module[] {
  const listed: readonly unknown[] = Array.isArray(tree.wasm_modules) ? tree.wasm_modules : [];
  const installed = childTree(tree, 'marketplace')?.installed_plugins;
  const modules = [...listed, ...(Array.isArray(installed) ? installed : [])].map((raw, index): Module => {
    const { name, path } = isTree(raw) ? raw : {};
    if (typeof name === 'string' && name !== '') return { name, raw };
    return { name: typeof path === 'string' ? basename(path, '.wasm') : `wasm_modules[${index}]`, raw };
  });
  const paths = modules.map(({ raw }) => (isTree(raw) ? raw.path : undefined));
  return modules.filter(({ raw }, index) => !isTree(raw) || paths.indexOf(raw.path) === index);
}

function readModule(name: string, raw: unknown, integration: Tree | undefined, folder: string): Found {
  if (!isTree(raw) || typeof raw.path !== 'string' || raw.path === '')
    return { name, leftOut: isTree(raw) ? 'it has no "path"' : `expected an object, got ${kindOf(raw)}` };
  const draft = newDraft();
  const plain = (value: unknown): unknown => mapTexts(value, (text) => translateVariables(text, VARIABLES, draft));
  draft.entry.path = resolve(folder, raw.path);
  if (typeof raw.sha256 === 'string' && raw.sha256 !== '') draft.entry.sha256 = raw.sha256.toLowerCase();
  const settings = newDraft();
  for (const credentials of [raw.credentials, integration?.credentials])
    texts('env')(plain(credentials), settings, 'credentials');
  draft.entry.settings = settings.entry.env;
  if (integration?.enabled === false) draft.entry.disabled = true;
  const { tool_globs: globs } = integration ?? {};
  if (Array.isArray(globs) && globs.length > 0) serveGlobs(globs.map(String), draft);
  draft.remarks.add(
    'a plugin reaches no host that the file does not name: write "http": {"allow": ["<host>", ...]} for those it calls',
  );
  return finishEntry(name, 'plugins', draft, undefined);
}

function serveGlobs(globs: readonly string[], { entry, remarks }: ReturnType<typeof newDraft>): void {
  const usable = globs.filter((glob) => !/[*?[\]\\]/.test(glob.replace(/\*$/, '')));
  if (usable.length === globs.length) entry.tools = globs;
  else remarks.add('"tool_globs" is left out, since "tools" has a "*" at the end only: all tools are served');
}
