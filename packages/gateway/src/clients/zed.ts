import { join } from 'node:path';
import type { Client, Found } from './client.ts';
import { as, duration, type KeyRules, notHere, nothing, OAUTH, switchedOn } from './key-rules.ts';
import { serversOf } from './servers-of.ts';
import { childTree, isTree } from './tree.ts';
import { appData, projectOf } from './user-folders.ts';

const KEYS: KeyRules = {
  enabled: switchedOn,
  timeout: duration('callTimeoutMs', 1_000),
  source: nothing,
  oauth: OAUTH,
  command: as('command'),
  settings: notHere('it is for the extension of Zed that starts the server'),
  remote: notHere('Lockgate starts every program on its own machine'),
};

/** Source: zed.dev/docs/ai/mcp. Texts are passed on as they stand. */
export const zed: Client = {
  id: 'zed',
  name: 'Zed',
  file: 'settings.json',
  places: (machine) => {
    const { platform, home, folder } = machine;
    const own = join(folder, '.zed', 'settings.json');
    if (platform === 'win32') return [join(appData(machine), 'Zed', 'settings.json'), own];
    const config = platform === 'darwin' ? join(home, '.config') : appData(machine);
    return [join(config, 'zed', 'settings.json'), own];
  },
  hasPath: (path) => /(^|\/)\.?zed\/settings\.json$/i.test(path),
  hasShape: ({ format, tree }) => format === 'json' && childTree(tree, 'context_servers') !== undefined,
  read: (file) => {
    const dialect = {
      keys: KEYS,
      variables: { client: 'Zed', syntax: {}, project: projectOf(file, '.zed') },
    };
    const { context_servers: servers } = file.tree;
    if (!isTree(servers)) return serversOf(servers, 'context_servers', dialect);
    return Object.entries(servers).flatMap(([name, raw]): readonly Found[] => {
      if (isTree(raw) && raw.command === undefined && raw.url === undefined)
        return [{ name, leftOut: 'an extension of Zed starts it: write its own "command" and "args"' }];
      return serversOf({ [name]: flat(raw) }, 'context_servers', dialect);
    });
  },
};

/** Older files have the program, its arguments and its variables in an object under "command". */
function flat(raw: unknown): unknown {
  if (!isTree(raw) || !isTree(raw.command)) return raw;
  const { path, args, env, ...others } = raw.command;
  return {
    ...raw,
    ...others,
    command: path,
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env }),
  };
}
