import type { Client } from './client.ts';
import { address, approval, ENV_FILE, hiddenTools, OAUTH, servedTools, switchedOn } from './key-rules.ts';
import { serversOf } from './servers-of.ts';
import { childTree, isTree } from './tree.ts';

/** Any other client with "mcpServers", as most have. */
export const commonForm: Client = {
  id: 'mcp-json',
  name: 'an MCP client',
  file: 'mcp.json',
  places: () => [],
  hasPath: () => false,
  hasShape: ({ tree }) => isTree(tree.mcpServers),
  read: ({ tree }) => [
    ...serversOf(tree.mcpServers, 'mcpServers', {
      keys: {
        httpUrl: address,
        serverUrl: address,
        enabled: switchedOn,
        alwaysAllow: approval,
        autoApprove: approval,
        trust: approval,
        includeTools: servedTools,
        excludeTools: hiddenTools,
        disabledTools: hiddenTools,
        envFile: ENV_FILE,
        oauth: OAUTH,
        auth: OAUTH,
        timeout: (value, { remarks }) => {
          if (value !== null)
            remarks.add(
              '"timeout" is left out, since clients mean seconds or milliseconds by it: write "callTimeoutMs"',
            );
        },
      },
      variables: { client: 'this client', syntax: { env: true, plain: true, places: true }, project: undefined },
    }),
    ...['plugins', 'guards'].flatMap((section) =>
      Object.keys(childTree(tree, section) ?? {}).map((name) => ({
        name,
        leftOut: `it stands under "${section}", which no client has: copy it from that file of Lockgate`,
      })),
    ),
  ],
};
