import { join } from 'node:path';
import type { Client } from './client.ts';
import { ENV_FILE, OAUTH } from './key-rules.ts';
import { serversOf } from './servers-of.ts';
import { projectOf } from './user-folders.ts';

/** Source: cursor.com/docs, "Model Context Protocol". */
export const cursor: Client = {
  id: 'cursor',
  name: 'Cursor',
  file: 'mcp.json',
  places: ({ home, folder }) => [join(home, '.cursor', 'mcp.json'), join(folder, '.cursor', 'mcp.json')],
  hasPath: (path) => /(^|\/)\.cursor\/mcp\.json$/.test(path),
  hasShape: () => false,
  read: (file) =>
    serversOf(file.tree.mcpServers, 'mcpServers', {
      keys: { envFile: ENV_FILE, auth: OAUTH },
      variables: {
        client: 'Cursor',
        syntax: { env: true, places: true },
        project: projectOf(file, '.cursor'),
      },
    }),
};
