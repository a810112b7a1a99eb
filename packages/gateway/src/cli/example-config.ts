import { SCHEMA_FILE } from '../clients/merge-config.ts';

/** A configuration to begin with: it works wherever npx does. */
export const EXAMPLE_CONFIG: Readonly<Record<'json' | 'yaml', string>> = {
  json: `{
  "$schema": "./${SCHEMA_FILE}",
  "gateway": { "listen": "127.0.0.1:3000" },
  "mcpServers": {
    // An example that shows what MCP can do; put servers of your own in its place.
    "everything": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-everything"] }
    // A server that runs elsewhere, with a secret of the environment or of the --env file:
    // "issues": { "url": "https://issues.example.com/mcp", "headers": { "Authorization": "Bearer \${ISSUES_TOKEN}" } }
  }
}
`,
  yaml: `# yaml-language-server: $schema=./${SCHEMA_FILE}
gateway:
  listen: 127.0.0.1:3000
mcpServers:
  # An example that shows what MCP can do; put servers of your own in its place.
  everything:
    command: npx
    args: ["-y", "@modelcontextprotocol/server-everything"]
  # A server that runs elsewhere, with a secret of the environment or of the --env file:
  # issues:
  #   url: https://issues.example.com/mcp
  #   headers: { Authorization: "Bearer \${ISSUES_TOKEN}" }
`,
};
