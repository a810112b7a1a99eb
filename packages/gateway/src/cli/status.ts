import type { Command } from 'commander';
import type { Overview, UpstreamSummary } from '../console/api.ts';
import { span } from '../console/span.ts';
import { quoted } from '../quoted.ts';
import { AdminClient, addGatewayOptions } from './admin-client.ts';
import { CommandFailure } from './exit-code.ts';
import { columns, type Paint, painter, type Terminal, wantsColor } from './terminal.ts';

const COLORS = {
  running: 'green',
  starting: 'yellow',
  restarting: 'red',
  'not loaded': 'red',
  'needs login': 'yellow',
  closed: 'red',
  disabled: 'dim',
} as const;

/** `lockgate status`. */
export function addStatusCommand(program: Command, terminal: Terminal): void {
  addGatewayOptions(program.command('status'))
    .description('say how a running gateway does: what is up, what is not and why, how it is used')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Asks over the gateway's admin socket, which only the user who started the gateway may open.

Exit codes: 0 it runs and all is up, 1 it does not run, or something is down, 2 wrong command line.

Examples:
  lockgate status
  lockgate status --config /etc/lockgate/lockgate.json --json | jq '.attention[].message'
`,
    )
    .action(async (options: Record<string, unknown>) => {
      const client = await AdminClient.find(options, terminal);
      const overview = await client.ask<Overview>('GET', 'overview');
      const { stdout } = terminal;
      if (options.json === true)
        stdout.write(`${JSON.stringify({ ...overview, adminSocket: client.path }, null, 2)}\n`);
      else stdout.write(describe(overview, client, painter(wantsColor(terminal, stdout))));
      const down = overview.attention.filter(({ severity }) => severity === 'error');
      if (down.length > 0)
        throw new CommandFailure(`something is down: ${down.map(({ subject }) => subject).join(', ')}`);
    });
}

function describe(overview: Overview, client: AdminClient, paint: Paint): string {
  const { pid, version, processes, startedAt, uptimeMs, url, configuration, sessions, running, totals, attention } =
    overview;
  const facts: [string, string][] = [
    ['gateway', `${paint('green', overview.state)}, version ${version}, process ${pid}`],
    ...(processes === undefined ? [] : [['processes', processesOf(processes, version)] as [string, string]]),
    ['started', `${new Date(startedAt).toISOString()}, ${span(uptimeMs)} ago`],
    ...(url === undefined ? [] : [['address', paint('cyan', url)] as [string, string]]),
    ...(configuration === undefined ? [] : [['configuration', configuration] as [string, string]]),
    ['admin socket', client.path],
    [
      'clients',
      `${sessions} ${sessions === 1 ? 'session' : 'sessions'}, ${running} running ${running === 1 ? 'request' : 'requests'}`,
    ],
    ...(overview.ticks.length === 0 ? [] : [['calls', callsOf(totals)] as [string, string]]),
  ];
  const head = columns(facts.map(([name, value]) => [paint('bold', name), value]));
  const served = columns(
    overview.upstreams.map((one) => rowOf(one, paint)),
    '  ',
  );
  const needs = attention.map(({ severity, subject, message, remedy }) => {
    const mark = severity === 'error' ? paint('red', 'error') : paint('yellow', 'warning');
    const isServer = overview.upstreams.some(({ name }) => name === subject);
    const log = isServer ? `  Its log: lockgate logs --server ${quoted(subject)}${client.flags}\n` : '';
    return `${mark}: ${subject}: ${message}\n  ${remedy}\n${log}`;
  });
  return [head, '\n', served, ...(needs.length > 0 ? ['\n', ...needs] : [])].join('');
}

function rowOf(
  { name, kind, state, tools, restarts, era, reason, disabledBy }: UpstreamSummary,
  paint: Paint,
): string[] {
  const counts = [`${tools} ${tools === 1 ? 'tool' : 'tools'}`];
  if (era) counts.push(era);
  if (restarts > 0) counts.push(`${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`);
  const off =
    disabledBy === 'console' ? 'switched off in the console, until the next start' : 'switched off in the file';
  const what = state === 'disabled' ? off : (reason ?? counts.join(', '));
  return [paint('bold', name), kind, paint(COLORS[state], state), what];
}

/** @param kept - Version of the process that keeps them. */
function processesOf(processes: NonNullable<Overview['processes']>, kept: string): string {
  const each = processes.map(
    ({ number, pid, version, sessions }) =>
      `${number} (process ${pid}, ${version === kept ? '' : `version ${version}, `}${sessions} ${sessions === 1 ? 'session' : 'sessions'})`,
  );
  return each.join(', ');
}

function callsOf({ calls, errors, withheld, denied }: Overview['totals']): string {
  return `${calls} ended, ${errors} with errors, ${withheld} withheld in part, ${denied} denied`;
}
