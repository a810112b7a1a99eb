import { join } from 'node:path';
import type { Client, ClientFile, Found } from './client.ts';
import type { Draft } from './draft.ts';
import {
  address,
  approval,
  as,
  duration,
  forPeople,
  type KeyRule,
  type KeyRules,
  nothing,
  servedTools,
  switchedOn,
  texts,
  transport,
} from './key-rules.ts';
import { translateServer } from './translate-server.ts';
import { isTree, kindOf, type Tree } from './tree.ts';
import { appData } from './user-folders.ts';

/** Values that Goose keeps in the keyring, by name. */
const keyringValues: KeyRule = (value, draft) => {
  for (const name of Array.isArray(value) ? value : []) if (typeof name === 'string') fromKeyring(draft, name);
};

function fromKeyring({ entry, needs }: Draft, name: string): void {
  entry.env = { ...(entry.env as Tree | undefined), [name]: `\${${name}}` };
  needs.push({ variable: name, source: "Goose's keyring or its secrets.yaml" });
}

const KEYS: KeyRules = {
  type: transport,
  cmd: as('command'),
  envs: texts('env'),
  env_keys: keyringValues,
  uri: address,
  timeout: duration('callTimeoutMs', 1_000),
  enabled: switchedOn,
  available_tools: servedTools,
  bundled: nothing,
  name: nothing,
  display_name: nothing,
  description: forPeople,
  allowlist: approval,
};

/** What Goose brings itself: no program of theirs speaks MCP to others. */
const OWN_TYPES: ReadonlySet<unknown> = new Set(['builtin', 'platform', 'frontend', 'inline_python']);

/** Source: goose-docs.ai, "Configuration files". */
export const goose: Client = {
  id: 'goose',
  name: 'Goose',
  file: 'config.yaml',
  places: (machine) => {
    const { platform, home } = machine;
    if (platform === 'win32') return [join(appData(machine), 'Block', 'goose', 'config', 'config.yaml')];
    const config = platform === 'darwin' ? join(home, '.config') : appData(machine);
    return [join(config, 'goose', 'config.yaml')];
  },
  hasPath: (path) => /(^|\/)goose\/(config\/)?config\.ya?ml$/i.test(path),
  hasShape: ({ tree }) =>
    isTree(tree.extensions) &&
    Object.values(tree.extensions).some(
      (item) => isTree(item) && ('cmd' in item || 'uri' in item || OWN_TYPES.has(item.type)),
    ),
  read: readGoose,
};

function readGoose({ tree }: ClientFile): readonly Found[] {
  const { extensions = {} } = tree;
  if (extensions === null) return [];
  if (!isTree(extensions))
    return [
      { name: 'extensions', leftOut: `expected an object with a server under each name, got ${kindOf(extensions)}` },
    ];
  return Object.entries(extensions).map(([name, raw]): Found => {
    if (isTree(raw) && OWN_TYPES.has(raw.type))
      return {
        name,
        leftOut: `Goose brings it itself (type "${String(raw.type)}"); it is no MCP server that others could call`,
      };
    return translateServer(name, raw, {
      keys: KEYS,
      variables: { client: 'Goose', syntax: { plain: true }, project: undefined },
    });
  });
}
