import type { Place } from './place.ts';

/** What a key of some client's file is here. */
interface ForeignKey {
  /** What to do, as a part of a sentence. */
  readonly remedy: string;
  /** The key that it stands for. */
  readonly standsFor?: string;
}

const here = (key: string): ForeignKey => ({ remedy: `here it is "${key}"`, standsFor: key });

/** There is no list of tools that are switched off. */
export const NAME_SERVED_TOOLS = 'write the tools that are served, "tools": ["<name>", ...]; every other is hidden';

/** Sources: the documentation of VS Code, Zed, opencode, Codex, Goose. */
const TOP: ReadonlyMap<string, ForeignKey> = new Map([
  ...['servers', 'context_servers', 'mcp', 'mcp_servers', 'mcp.servers', 'extensions'].map(
    (key) => [key, here('mcpServers')] as const,
  ),
  [
    'inputs',
    {
      remedy:
        // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the file
        'nobody is there to be asked: write ${NAME} where it is used, and give NAME in the environment or in the --env file',
    },
  ],
]);

/** Sources: the documentation of Windsurf, Gemini CLI, opencode, Zed, VS Code, LibreChat, Codex, Goose. */
const OF_A_SERVER: ReadonlyMap<string, ForeignKey> = new Map([
  ...['serverUrl', 'httpUrl', 'uri', 'endpoint', 'baseUrl'].map((key) => [key, here('url')] as const),
  ...['environment', 'envs'].map((key) => [key, here('env')] as const),
  ...['workingDirectory', 'workdir'].map((key) => [key, here('cwd')] as const),
  ...['transport', 'transportType'].map((key) => [key, here('type')] as const),
  ...['includeTools', 'enabledTools', 'enabled_tools', 'allowedTools', 'allowed_tools', 'available_tools'].map(
    (key) => [key, here('tools')] as const,
  ),
  ...['excludeTools', 'blockedTools', 'disabled_tools'].map((key) => [key, { remedy: NAME_SERVED_TOOLS }] as const),
  ['http_headers', here('headers')],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the file
  ['bearer_token_env_var', { remedy: 'write "headers": {"Authorization": "Bearer ${THAT_VARIABLE}"}' }],
  ['startup_timeout_sec', { remedy: 'here it is "connectTimeoutMs", in milliseconds' }],
  ['tool_timeout_sec', { remedy: 'here it is "callTimeoutMs", in milliseconds' }],
  ['cmd', here('command')],
  ...['allowedHosts', 'allowed_hosts', 'network'].map((key) => [key, here('hosts')] as const),
  ...['dirs', 'mounts', 'volumes', 'preopens'].map((key) => [key, here('storage')] as const),
  ['enabled', { remedy: 'here it is "disabled", which means the reverse' }],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the file
  ['envFile', { remedy: 'name that file with --env, and write ${NAME} in "env"' }],
  ...['source', 'settings', 'name', 'gallery', 'version', 'bundled', 'display_name'].map(
    (key) => [key, { remedy: 'leave it out' }] as const,
  ),
]);

/** What a key that is unknown here is, where some client has it. */
export function foreignKey(place: Place, key: string): ForeignKey | undefined {
  if (place.length === 0) return TOP.get(key);
  return place.length === 2 && place[0] === 'mcpServers' ? OF_A_SERVER.get(key) : undefined;
}

/** What a variable that some client fills in is here. */
export function foreignVariable(name: string): string | undefined {
  const [, input] = /^(?:input|promptString|prompt):(.+)$/.exec(name) ?? [];
  if (input !== undefined) {
    const variable = input.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
    return `nobody is there to be asked: write \${${variable}}, and give it in the environment or in the --env file`;
  }
  if (/^(workspaceFolder|workspaceRoot|workspaceFolderBasename|cwd|file\w*)\b/.test(name)) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the file
    return 'there is no workspace here: write the path, which may begin with ${config:folder}, the folder of this file';
  }
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the file
  return name === 'userHome' ? 'write ${HOME}' : undefined;
}
