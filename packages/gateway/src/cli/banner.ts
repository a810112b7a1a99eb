import type { GatewayConfig } from '../config/schema.ts';
import { isProgram } from '../config/servers-section.ts';
import type { GatewayStatus } from '../gateway-status.ts';
import type { GuardStatus } from '../monitor/guard-status.ts';
import { quoted } from '../quoted.ts';
import type { UpstreamStatus } from '../upstream/upstream.ts';
import type { OpenedConfig } from './config-options.ts';
import { columns, type Paint } from './terminal.ts';

/** What `serve` tells a person once it listens: what is served, what is not, and the line to paste into a client. */
export function banner(
  url: string,
  { config, flag }: Pick<OpenedConfig, 'config' | 'flag'>,
  { upstreams, guards }: Pick<GatewayStatus, 'upstreams' | 'guards'>,
  paint: Paint,
): string {
  const { publicUrl, mode } = config.gateway;
  const base = (publicUrl ?? url.replace(/\/mcp\/?$/, '')).replace(/\/$/, '');
  const routed = mode === 'routed';
  const endpoints = routed ? upstreams.map(({ name }) => `${base}/mcp/${name}`) : [`${base}/mcp`];
  const { auth, tls } = config.gateway;
  const keyed = Boolean(auth?.apiKeys.length) || auth?.jwt !== undefined;
  const lines = [
    `${paint('bold', 'Lockgate')} serves ${summary(upstreams)} at ${paint('cyan', endpoints[0] ?? base)}`,
    '',
    served(upstreams, guards, paint),
    ...loginLines(upstreams, config, flag),
    ...endpoints.flatMap((endpoint, index) =>
      snippet(endpoint, routed ? (upstreams[index]?.name ?? '') : 'lockgate', keyed),
    ),
  ];
  lines.push(`\`lockgate export <client> --write${flag}\` puts it into the file of a client.`, '');
  if (tls?.clientCa !== undefined && !keyed) lines.push('Clients need a certificate of the configured CA.', '');
  return `${lines.join('\n')}\n`;
}

/**
 * How whoever started the gateway signs in to its console.
 *
 * @param link - A secret, which is shown in a terminal alone: what is written elsewhere may be kept.
 * @param where - `isTerminal`; `isAsked`: whether `lockgate console` can ask this gateway; `flag`: of its configuration.
 */
export function consoleLines(
  link: string,
  { isTerminal, isAsked, flag }: { readonly isTerminal: boolean; readonly isAsked: boolean; readonly flag: string },
  paint: Paint,
): string {
  const command = `\`lockgate console${flag}\``;
  if (isTerminal) {
    const how = `signs in once, within ten minutes; ${isAsked ? command : 'the next start'} prints another`;
    return `Console: ${paint('cyan', link)}\n  ${paint('dim', how)}\n\n`;
  }
  if (isAsked) return `Console: ${command} prints an address that signs in.\n\n`;
  const page = link.replace(/#.*$/s, '');
  return `Console: ${page}, for an admin key; without an admin socket, an address that signs in is printed in a terminal alone.\n\n`;
}

/** A line for each server, plugin and guard: whether it is up, and if not, why. */
function served(upstreams: readonly UpstreamStatus[], guards: readonly GuardStatus[], paint: Paint): string {
  const color = {
    running: 'green',
    starting: 'yellow',
    restarting: 'red',
    'not loaded': 'red',
    'needs login': 'yellow',
    closed: 'red',
  } as const;
  return columns(
    [
      ...upstreams.map(({ name, kind, state, tools, reason }) => [
        paint('bold', name),
        kind === 'mcp' ? 'server' : kind,
        paint(color[state], state),
        state === 'running' ? count(tools) : (reason ?? ''),
      ]),
      ...guards.map(({ server, guard, failure }) => [
        paint('bold', guard),
        'guard',
        failure === undefined ? paint('green', 'running') : paint('red', 'failed'),
        failure === undefined ? `in front of ${server}` : `every call of ${server} is denied: ${failure}`,
      ]),
    ],
    '  ',
  );
}

/** What to do about servers that want a login; a call of one says it to its caller. */
function loginLines(
  upstreams: readonly UpstreamStatus[],
  { mcpServers }: GatewayConfig,
  flag: string,
): readonly string[] {
  const all = upstreams.filter(({ state, name }) => {
    const entry = mcpServers[name];
    return state === 'needs login' && entry !== undefined && !isProgram(entry) && entry.credential === 'shared';
  });
  const [first] = all;
  if (!first) return [];
  const which = all.length === 1 ? '' : '; the others likewise';
  return [
    `Log in: \`lockgate connect ${quoted(first.name)}${flag}\`, or call a tool of it: the answer has an address${which}.`,
    '',
  ];
}

function summary(upstreams: readonly UpstreamStatus[]): string {
  if (upstreams.length === 0) return 'nothing yet (add "plugins" or "mcpServers" to the configuration)';
  const named = (some: readonly UpstreamStatus[]): string => some.map(({ name }) => name).join(', ');
  const up = upstreams.filter(({ state }) => state === 'running');
  const others = named(upstreams.filter((upstream) => !up.includes(upstream)));
  if (up.length === 0) return `nothing yet (not up: ${others})`;
  const tools = up.reduce((sum, upstream) => sum + upstream.tools, 0);
  return `${count(tools)} of ${named(up)}${others === '' ? '' : ` (not up: ${others})`}`;
}

function snippet(url: string, name: string, keyed: boolean): readonly string[] {
  const header = keyed ? ' --header "Authorization: Bearer <key>"' : '';
  const entry = { type: 'http', url, ...(keyed ? { headers: { Authorization: 'Bearer <key>' } } : {}) };
  return [
    'Add it to a client:',
    `  claude mcp add --transport http ${name} ${url}${header}`,
    'or, in the JSON file of a client:',
    `  ${JSON.stringify({ mcpServers: { [name]: entry } })}`,
    '',
  ];
}

function count(tools: number): string {
  return `${tools} ${tools === 1 ? 'tool' : 'tools'}`;
}
