import { join } from 'node:path';
import type { Client } from './client.ts';
import { approval, duration, type KeyRules, OAUTH, olderAddress } from './key-rules.ts';
import { serversOf } from './servers-of.ts';
import { codeUserFolders } from './user-folders.ts';

const KEYS: KeyRules = {
  url: olderAddress,
  autoApprove: approval,
  alwaysAllow: approval,
  timeout: duration('callTimeoutMs', 1_000),
  oauth: OAUTH,
};

const FOLDERS = ['globalStorage', 'saoudrizwan.claude-dev', 'settings'];

/** Source: docs.cline.bot, "Configuring MCP servers". */
export const cline: Client = {
  id: 'cline',
  name: 'Cline',
  file: 'cline_mcp_settings.json',
  places: (machine) => [
    ...codeUserFolders(machine).map((folder) => join(folder, ...FOLDERS, 'cline_mcp_settings.json')),
    join(machine.home, '.cline', 'data', 'settings', 'cline_mcp_settings.json'),
  ],
  hasPath: (path) => /(^|\/)cline_mcp_settings\.json$/.test(path),
  hasShape: () => false,
  read: ({ tree }) =>
    serversOf(tree.mcpServers, 'mcpServers', {
      keys: KEYS,
      variables: { client: 'Cline', syntax: { env: true, plain: true }, project: undefined },
    }),
};
