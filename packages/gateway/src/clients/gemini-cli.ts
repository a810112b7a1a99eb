import { join } from 'node:path';
import type { Client, ClientFile, Found } from './client.ts';
import {
  address,
  approval,
  duration,
  forPeople,
  hiddenTools,
  type KeyRule,
  type KeyRules,
  nothing,
  OAUTH,
  olderAddress,
  servedTools,
} from './key-rules.ts';
import { serversOf } from './servers-of.ts';
import { childTree, isTree, type Tree } from './tree.ts';
import { projectOf } from './user-folders.ts';

const newerAddress: KeyRule = (value, draft, key) => {
  address(value, draft, key);
  draft.transport = 'http';
};

const KEYS: KeyRules = {
  url: olderAddress,
  httpUrl: newerAddress,
  timeout: duration('callTimeoutMs', 1),
  trust: approval,
  includeTools: servedTools,
  excludeTools: hiddenTools,
  oauth: OAUTH,
  authProviderType: OAUTH,
  targetAudience: OAUTH,
  targetServiceAccount: OAUTH,
  extensionName: nothing,
  extension: nothing,
  description: forPeople,
};

/** Source: geminicli.com/docs/tools/mcp-server. */
export const geminiCli: Client = {
  id: 'gemini-cli',
  name: 'Gemini CLI',
  file: 'settings.json',
  places: ({ home, folder }) => [join(home, '.gemini', 'settings.json'), join(folder, '.gemini', 'settings.json')],
  hasPath: (path) => /(^|\/)\.?gemini(-cli)?\/settings\.json$/i.test(path),
  hasShape: ({ format, tree }) =>
    format === 'json' &&
    Object.values(childTree(tree, 'mcpServers') ?? {}).some((server) => isTree(server) && 'httpUrl' in server),
  read: readGeminiCli,
};

function readGeminiCli(file: ClientFile): readonly Found[] {
  const { tree } = file;
  const dialect = {
    keys: KEYS,
    variables: { client: 'Gemini CLI', syntax: { plain: true, dollar: true }, project: projectOf(file, '.gemini') },
  };
  const mcp = childTree(tree, 'mcp') ?? {};
  const found = serversOf(withSwitches(tree.mcpServers, mcp), 'mcpServers', dialect);
  if (typeof mcp.serverCommand !== 'string') return found;
  return [...found, { name: 'mcp.serverCommand', leftOut: 'write the server under a name, with "command" and "args"' }];
}

/** Servers that "mcp" keeps from starting stay switched off. */
function withSwitches(servers: unknown, mcp: Tree): unknown {
  if (!isTree(servers)) return servers;
  const named = (list: unknown): readonly unknown[] => (Array.isArray(list) ? list : []);
  const [allowed, excluded] = [named(mcp.allowed), named(mcp.excluded)];
  return Object.fromEntries(
    Object.entries(servers).map(([name, raw]) => {
      const off = excluded.includes(name) || (allowed.length > 0 && !allowed.includes(name));
      return [name, isTree(raw) && off ? { ...raw, disabled: true } : raw];
    }),
  );
}
