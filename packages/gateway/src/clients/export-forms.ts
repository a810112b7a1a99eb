import type { Format } from './client.ts';
import type { ExportedClient } from './ids.ts';
import type { Tree } from './tree.ts';

/** The gateway as a client reaches it: at an address, or as a program. */
export type Reach =
  | { readonly kind: 'http'; readonly url: string; readonly needsKey: boolean }
  | { readonly kind: 'stdio'; readonly command: string; readonly args: readonly string[] };

/** How one client writes down a server. */
export interface ExportForm {
  readonly format: Format;
  /** The key that its servers stand under. */
  readonly section: string;
  /** Undefined where the client starts programs only. */
  http?(url: string, headers: Tree | undefined): Tree;
  stdio(command: string, args: readonly string[]): Tree;
  /** How it writes a variable; undefined where it fills none in. */
  readonly variable?: (name: string) => string;
}

/** What an API key is called where a client fills it in. */
export const KEY_VARIABLE = 'LOCKGATE_KEY';

const program = (command: string, args: readonly string[]): Tree => ({ command, args });
const env = (name: string): string => `\${env:${name}}`;
const braces = (name: string): string => `\${${name}}`;

/** Sources: those of each client's file. */
export const EXPORT_FORMS: Readonly<Record<ExportedClient, ExportForm>> = {
  'claude-desktop': { format: 'json', section: 'mcpServers', stdio: program },
  'claude-code': {
    format: 'json',
    section: 'mcpServers',
    http: (url, headers) => ({ type: 'http', url, ...withHeaders(headers) }),
    stdio: (command, args) => ({ type: 'stdio', command, args }),
    variable: braces,
  },
  vscode: {
    format: 'json',
    section: 'servers',
    http: (url, headers) => ({ type: 'http', url, ...withHeaders(headers) }),
    stdio: (command, args) => ({ type: 'stdio', command, args }),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code's own variable
    variable: () => '${input:lockgate-key}',
  },
  cursor: {
    format: 'json',
    section: 'mcpServers',
    http: (url, headers) => ({ url, ...withHeaders(headers) }),
    stdio: program,
    variable: env,
  },
  windsurf: {
    format: 'json',
    section: 'mcpServers',
    http: (url, headers) => ({ serverUrl: url, ...withHeaders(headers) }),
    stdio: program,
    variable: env,
  },
  zed: {
    format: 'json',
    section: 'context_servers',
    http: (url, headers) => ({ url, ...withHeaders(headers) }),
    stdio: (command, args) => ({ source: 'custom', command, args }),
  },
  'gemini-cli': {
    format: 'json',
    section: 'mcpServers',
    http: (url, headers) => ({ httpUrl: url, ...withHeaders(headers) }),
    stdio: program,
    variable: (name) => `$${name}`,
  },
  codex: {
    format: 'toml',
    section: 'mcp_servers',
    http: (url, headers) => ({ url, ...(headers === undefined ? {} : { bearer_token_env_var: KEY_VARIABLE }) }),
    stdio: program,
    variable: (name) => name,
  },
  goose: {
    format: 'yaml',
    section: 'extensions',
    http: (uri, headers) => ({
      ...GOOSE,
      type: 'streamable_http',
      uri,
      ...(headers === undefined ? {} : { headers, env_keys: [KEY_VARIABLE] }),
    }),
    stdio: (cmd, args) => ({ ...GOOSE, type: 'stdio', cmd, args }),
    variable: braces,
  },
  'lm-studio': {
    format: 'json',
    section: 'mcpServers',
    http: (url, headers) => ({ url, ...withHeaders(headers) }),
    stdio: program,
  },
  cline: {
    format: 'json',
    section: 'mcpServers',
    http: (url, headers) => ({ type: 'streamableHttp', url, ...withHeaders(headers) }),
    stdio: (command, args) => ({ type: 'stdio', command, args }),
  },
};

const GOOSE = { enabled: true, name: 'lockgate', description: 'Lockgate', timeout: 300 };

function withHeaders(headers: Tree | undefined): Tree {
  return headers === undefined ? {} : { headers };
}

/** Beside the entry, what VS Code asks for. */
export const KEY_INPUT: Tree = {
  type: 'promptString',
  id: 'lockgate-key',
  description: 'API key of Lockgate',
  password: true,
};
