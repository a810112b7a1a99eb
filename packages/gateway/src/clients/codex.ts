import { join } from 'node:path';
import type { Client } from './client.ts';
import type { Draft } from './draft.ts';
import {
  approval,
  duration,
  hiddenTools,
  type KeyRule,
  type KeyRules,
  notHere,
  OAUTH,
  servedTools,
  switchedOn,
  texts,
} from './key-rules.ts';
import { serversOf } from './servers-of.ts';
import { childTree, isTree, type Tree } from './tree.ts';
import { projectOf } from './user-folders.ts';

/** Variables of Codex's own environment that the program gets. */
const passedOn: KeyRule = (value, draft) => {
  for (const item of Array.isArray(value) ? value : []) {
    const name = isTree(item) ? item.name : item;
    if (typeof name === 'string') put(draft, 'env', name, name);
  }
};

const bearer: KeyRule = (value, draft, key) => {
  if (typeof value !== 'string' || value === '' || isOfProgram(draft, key)) return;
  put(draft, 'headers', 'Authorization', value, 'Bearer ');
};

const headersOfVariables: KeyRule = (value, draft, key) => {
  if (!isTree(value) || isOfProgram(draft, key)) return;
  for (const [header, variable] of Object.entries(value))
    if (typeof variable === 'string') put(draft, 'headers', header, variable);
};

const headers: KeyRule = (value, draft, key) => {
  if (!isOfProgram(draft, key)) texts('headers')(value, draft, key);
};

/** Whether a program has a key that goes with an address, which is then told by the name that it has in the file. */
function isOfProgram({ entry, remarks }: Draft, key: string): boolean {
  if (entry.command === undefined) return false;
  remarks.add(`"${key}" is left out: it goes with "url", and a program takes its secrets from "env"`);
  return true;
}

function put({ entry }: Draft, group: 'env' | 'headers', key: string, variable: string, before = ''): void {
  entry[group] = { ...(entry[group] as Tree | undefined), [key]: `${before}\${${variable}}` };
}

const KEYS: KeyRules = {
  env_vars: passedOn,
  http_headers: headers,
  env_http_headers: headersOfVariables,
  bearer_token_env_var: bearer,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it is to be written
  bearer_token: notHere('Codex refuses it as well; write "headers": {"Authorization": "Bearer ${NAME}"}'),
  headers: notHere('Codex ignores it; it reads "http_headers"'),
  enabled: switchedOn,
  required: notHere('a gateway that cannot start this server says so, and serves the others'),
  startup_timeout_sec: duration('connectTimeoutMs', 1_000),
  startup_timeout_ms: duration('connectTimeoutMs', 1),
  tool_timeout_sec: duration('callTimeoutMs', 1_000),
  enabled_tools: servedTools,
  disabled_tools: hiddenTools,
  default_tools_approval_mode: approval,
  tools: notHere('whether a call is asked about is decided in the client'),
  oauth: OAUTH,
  oauth_resource: OAUTH,
  scopes: OAUTH,
};

/** Source: developers.openai.com/codex/mcp. Texts are passed on as they stand. */
export const codex: Client = {
  id: 'codex',
  name: 'Codex',
  file: 'config.toml',
  places: ({ home, folder, environment, platform }) => [
    join(environment.CODEX_HOME || join(home, '.codex'), 'config.toml'),
    join(folder, '.codex', 'config.toml'),
    ...(platform === 'win32' ? [] : ['/etc/codex/config.toml']),
  ],
  hasPath: (path) => /(^|\/)\.?codex\/config\.toml$/.test(path),
  hasShape: ({ tree }) => childTree(tree, 'mcp_servers') !== undefined,
  read: (file) =>
    serversOf(file.tree.mcp_servers, 'mcp_servers', {
      keys: KEYS,
      variables: { client: 'Codex', syntax: {}, project: projectOf(file, '.codex') },
    }),
};
