// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the clients' own variables

/** What the files name: a program for each server, and the addresses of two that run. */
export interface NamedServers {
  program(server: 'memory' | 'filesystem' | 'everything'): {
    readonly command: string;
    readonly args: readonly string[];
  };
  readonly httpUrl: string;
  readonly sseUrl: string;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The files of eleven clients in a home, each in the shape that its documentation gives. Every client has a server of its own name. */
export function elevenFiles({ program, httpUrl, sseUrl }: NamedServers): Readonly<Record<string, string>> {
  const memory = program('memory');
  const quoted = (list: readonly string[]): string => list.map((item) => JSON.stringify(item)).join(', ');
  return {
    '.config/Claude/claude_desktop_config.json': json({
      globalShortcut: 'Ctrl+Space',
      mcpServers: { 'Claude Desktop': { ...memory, env: { API_KEY: 'desk-5Up3rS3cret' } } },
    }),
    '.claude.json': json({
      numStartups: 12,
      oauthAccount: { emailAddress: 'me@example.com' },
      mcpServers: { 'claude-code': { type: 'stdio', ...memory, env: { LEVEL: '${LEVEL:-info}' } } },
      projects: {
        '/': { allowedTools: [], mcpServers: { 'of-a-project': { type: 'stdio', ...memory, env: {} } } },
      },
    }),
    '.config/Code/User/mcp.json': `{
  // asked for once, and kept by the editor
  "inputs": [{ "type": "promptString", "id": "web-token", "description": "Token of the web server", "password": true }],
  "servers": {
    "vscode": { "type": "stdio", "command": ${JSON.stringify(memory.command)}, "args": [${quoted(memory.args)}] },
    "vscode-web": { "type": "http", "url": ${JSON.stringify(httpUrl)}, "headers": { "Authorization": "Bearer \${input:web-token}" } },
  },
}
`,
    '.cursor/mcp.json': json({
      mcpServers: {
        cursor: { ...memory, env: { HOME_OF: '${userHome}' } },
        'cursor-web': { url: httpUrl, headers: { 'X-Api-Key': '${env:CURSOR_KEY}' } },
      },
    }),
    '.codeium/windsurf/mcp_config.json': json({
      mcpServers: { windsurf: { serverUrl: httpUrl, headers: { Authorization: 'Bearer wind-5Up3rS3cret' } } },
    }),
    '.config/zed/settings.json': `// Zed settings
{
  "theme": "One Dark",
  "context_servers": {
    "zed": { "command": ${JSON.stringify(memory.command)}, "args": [${quoted(memory.args)}], "env": {} },
    "zed-old": { "source": "custom", "command": { "path": ${JSON.stringify(memory.command)}, "args": [${quoted(memory.args)}], "env": null } },
    "zed-extension": { "source": "extension", "settings": { "key": "x" } },
  },
}
`,
    '.gemini/settings.json': json({
      theme: 'Dracula',
      mcp: { excluded: ['gemini-off'] },
      mcpServers: {
        gemini: {
          ...program('everything'),
          env: { KEY: '$GEMINI_TOOL_KEY' },
          timeout: 30_000,
          trust: true,
          includeTools: ['echo'],
        },
        'gemini-sse': { url: sseUrl },
        'gemini-http': { httpUrl, excludeTools: ['echo'] },
        'gemini-off': { httpUrl },
      },
    }),
    '.codex/config.toml': `model = "gpt-5"

[mcp_servers.codex]
command = ${JSON.stringify(memory.command)}
args = [${quoted(memory.args)}]
env_vars = ["CODEX_PASSED"]
startup_timeout_sec = 20
tool_timeout_sec = 45.5

[mcp_servers.codex.env]
MODE = "quiet"

[mcp_servers.codex-web]
url = ${JSON.stringify(httpUrl)}
bearer_token_env_var = "CODEX_TOKEN"
http_headers = { "X-Region" = "eu" }
enabled_tools = ["echo"]

[mcp_servers.codex-off]
command = "npx"
enabled = false
`,
    '.config/goose/config.yaml': `GOOSE_PROVIDER: anthropic
extensions:
  developer:
    type: builtin
    name: developer
    enabled: true
    bundled: true
  goose:
    type: stdio
    name: goose
    cmd: ${JSON.stringify(memory.command)}
    args: [${quoted(memory.args)}]
    envs: { LEVEL: 3 }
    env_keys: [GOOSE_SECRET]
    timeout: 300
    enabled: true
  goose-web:
    type: streamable_http
    name: goose-web
    uri: ${JSON.stringify(httpUrl)}
    headers: {}
    enabled: true
`,
    '.lmstudio/mcp.json': json({
      mcpServers: { 'lm-studio': { url: httpUrl, headers: { Authorization: 'Bearer <YOUR_TOKEN>' } } },
    }),
    '.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json': json({
      mcpServers: {
        cline: { ...memory, disabled: false, autoApprove: ['read_graph'], timeout: 60, type: 'stdio' },
        'cline-old': { url: sseUrl },
        'cline-off': { url: httpUrl, type: 'streamableHttp', disabled: true },
      },
    }),
  };
}

/** Secrets that stand in the files, and must stand nowhere else. */
export const SECRETS = ['desk-5Up3rS3cret', 'wind-5Up3rS3cret', '<YOUR_TOKEN>'] as const;
