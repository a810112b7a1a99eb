/** A client that an entry for the gateway can be made for, as people type it. */
export type ExportedClient =
  | 'claude-desktop'
  | 'claude-code'
  | 'vscode'
  | 'cursor'
  | 'windsurf'
  | 'zed'
  | 'gemini-cli'
  | 'codex'
  | 'goose'
  | 'lm-studio'
  | 'cline';

/** A program whose files can be read; the last is the form that most others share. */
export type ClientId = ExportedClient | 'gh-aw-mcpg' | 'switchboard' | 'hyper-mcp' | 'wassette' | 'mcp-json';

export const EXPORTED_CLIENTS: readonly ExportedClient[] = [
  'claude-desktop',
  'claude-code',
  'vscode',
  'cursor',
  'windsurf',
  'zed',
  'gemini-cli',
  'codex',
  'goose',
  'lm-studio',
  'cline',
];

export const IMPORTED_CLIENTS: readonly ClientId[] = [
  ...EXPORTED_CLIENTS,
  'gh-aw-mcpg',
  'switchboard',
  'hyper-mcp',
  'wassette',
  'mcp-json',
];
