import { join } from 'node:path';
import type { Client, ClientFile, Found } from './client.ts';
import { ENV_FILE, forPeople, type KeyRules, notHere, nothing, OAUTH } from './key-rules.ts';
import { serversOf } from './servers-of.ts';
import { childTree, isTree, type Tree } from './tree.ts';
import { codeUserFolders, projectOf } from './user-folders.ts';

const SANDBOX = notHere('Lockgate starts programs as they are; a sandbox would have to stand in "command"');

const KEYS: KeyRules = {
  envFile: ENV_FILE,
  sandbox: SANDBOX,
  sandboxEnabled: SANDBOX,
  dev: notHere('it is for those who write the server'),
  gallery: nothing,
  version: forPeople,
  auth: OAUTH,
  oauth: OAUTH,
};

/** Source: code.visualstudio.com, "MCP configuration reference", and its older section "mcp" of settings.json. */
export const vscode: Client = {
  id: 'vscode',
  name: 'VS Code',
  file: 'mcp.json',
  places: (machine) => [
    ...codeUserFolders(machine).map((folder) => join(folder, 'mcp.json')),
    join(machine.environment.COPILOT_HOME || join(machine.home, '.copilot'), 'mcp-config.json'),
    join(machine.folder, '.vscode', 'mcp.json'),
  ],
  hasPath: (path) =>
    /(^|\/)\.vscode\/mcp\.json$|\/User\/(profiles\/[^/]+\/)?mcp\.json$|\/mcp-config\.json$|\.code-workspace$/.test(
      path,
    ),
  hasShape: ({ format, tree }) =>
    format === 'json' &&
    !('mcpServers' in tree) &&
    (isServers(tree.servers) || isServers(childTree(tree, 'mcp')?.servers) || isServers(tree['mcp.servers'])),
  read: readVsCode,
};

function isServers(value: unknown): boolean {
  return isTree(value) && Object.values(value).every((server) => isTree(server));
}

function readVsCode(file: ClientFile): readonly Found[] {
  const { tree } = file;
  const settings = childTree(tree, 'settings') ?? tree;
  const mcp = childTree(settings, 'mcp');
  const holders: readonly (readonly [Tree, string, string])[] = [
    [tree, 'servers', 'servers'],
    [tree, 'mcpServers', 'mcpServers'],
    ...(mcp === undefined ? [] : [[mcp, 'servers', 'mcp.servers'] as const]),
    [settings, 'mcp.servers', 'mcp.servers'],
  ];
  return holders.flatMap(([holder, key, name]) => {
    const inputs = Array.isArray(holder.inputs) ? holder.inputs : [];
    const project = projectOf(file, '.vscode');
    const syntax = key === 'mcpServers' ? { env: true, plain: true } : { env: true, places: true };
    return serversOf(holder[key], name, { keys: KEYS, variables: { client: 'VS Code', syntax, project, inputs } });
  });
}
