import { join } from 'node:path';
import type { Client } from './client.ts';
import { address, approval, hiddenTools } from './key-rules.ts';
import { serversOf } from './servers-of.ts';
import { childTree, isTree } from './tree.ts';

/** Source: docs.windsurf.com, "Cascade MCP integration". */
export const windsurf: Client = {
  id: 'windsurf',
  name: 'Windsurf',
  file: 'mcp_config.json',
  places: ({ home }) => [join(home, '.codeium', 'windsurf', 'mcp_config.json')],
  hasPath: (path) => /(^|\/)mcp_config\.json$/.test(path),
  hasShape: ({ format, tree }) =>
    format === 'json' &&
    Object.values(childTree(tree, 'mcpServers') ?? {}).some((server) => isTree(server) && 'serverUrl' in server),
  read: ({ tree }) =>
    serversOf(tree.mcpServers, 'mcpServers', {
      keys: { serverUrl: address, alwaysAllow: approval, disabledTools: hiddenTools },
      variables: { client: 'Windsurf', syntax: { env: true, places: true }, project: undefined },
    }),
};
