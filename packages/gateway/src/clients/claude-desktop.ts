import { join } from 'node:path';
import type { Client } from './client.ts';
import { serversOf } from './servers-of.ts';
import { childTree } from './tree.ts';
import { appData } from './user-folders.ts';

/** Source: modelcontextprotocol.io, "Connect to local MCP servers". It starts programs only, and fills no variables in. */
export const claudeDesktop: Client = {
  id: 'claude-desktop',
  name: 'Claude Desktop',
  file: 'claude_desktop_config.json',
  places: (machine) => [join(appData(machine), 'Claude', 'claude_desktop_config.json')],
  hasPath: (path) => /(^|\/)claude_desktop_config\.json$/.test(path),
  hasShape: ({ format, tree }) =>
    format === 'json' && childTree(tree, 'mcpServers') !== undefined && 'globalShortcut' in tree,
  read: ({ tree }) =>
    serversOf(tree.mcpServers, 'mcpServers', {
      keys: {},
      variables: { client: 'Claude Desktop', syntax: {}, project: undefined },
    }),
};
