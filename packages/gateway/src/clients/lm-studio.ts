import { join } from 'node:path';
import type { Client } from './client.ts';
import { serversOf } from './servers-of.ts';

/** Source: lmstudio.ai/docs/app/mcp: "follows Cursor's notation". */
export const lmStudio: Client = {
  id: 'lm-studio',
  name: 'LM Studio',
  file: 'mcp.json',
  places: ({ home }) => [join(home, '.lmstudio', 'mcp.json'), join(home, '.cache', 'lm-studio', 'mcp.json')],
  hasPath: (path) => /(^|\/)(\.lmstudio|lm-studio)\/mcp\.json$/.test(path),
  hasShape: () => false,
  read: ({ tree }) =>
    serversOf(tree.mcpServers, 'mcpServers', {
      keys: {},
      variables: { client: 'LM Studio', syntax: { env: true, places: true }, project: undefined },
    }),
};
