import type { Command } from 'commander';
import { isProgram } from '../config/servers-section.ts';
import type { ApprovedItem, PinForgetting, PinnedItem, PinReport, WithheldItem } from '../console/api.ts';
import { quoted } from '../quoted.ts';
import { AdminClient, addGatewayOptions } from './admin-client.ts';
import { configFlag } from './config-flag.ts';
import { addConfigOptions, openConfig } from './config-options.ts';
import { describePins, shownName } from './describe-pins.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { painter, type Terminal, wantsColor } from './terminal.ts';

/** `lockgate pins`. */
export function addPinsCommand(program: Command, terminal: Terminal): void {
  const pins = program
    .command('pins')
    .description('see and approve what servers offer, so that a tool that changes is withheld')
    .addHelpText('after', '\nExample:\n  lockgate pins list\n  lockgate pins approve github/create_issue\n');
  addGatewayOptions(pins.command('list', { isDefault: true }))
    .description('what a running gateway withholds from its clients, and why')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 nothing that is offered is withheld, 1 something is, or no gateway runs, 2 wrong command line.

Example:
  lockgate pins list --config lockgate.json
`,
    )
    .action(async (options: Record<string, unknown>) => {
      const client = await AdminClient.find(options, terminal);
      await print(await client.ask<PinReport>('GET', 'pins'), options, terminal);
    });
  addGatewayOptions(pins.command('approve'))
    .description('let a running gateway serve what it withholds, as it is now')
    .argument('<items...>', 'server, server/tool, server/prompt:name or server/instructions:')
    .addHelpText(
      'after',
      `
Whole servers are approved by their name. Look at them first: lockgate pins list

Exit codes: 0 approved, 1 no gateway runs, or no such thing waits, 2 wrong command line.

Example:
  lockgate pins approve github/create_issue
`,
    )
    .action(async (names: readonly string[], options: Record<string, unknown>) => {
      const client = await AdminClient.find(options, terminal);
      const { withheld } = await client.ask<PinReport>('GET', 'pins');
      const items = names.flatMap((name): readonly ApprovedItem[] => {
        const meant = withheld.filter((item) => item.server === name || shownName(item) === name);
        if (meant.length === 0) throw new CommandFailure(`nothing of the name "${name}" waits to be approved`);
        const [one, other] = meant.filter((item) => item.server !== name);
        if (one && other)
          throw new CommandFailure(`two items are shown as "${name}"; approve the whole server, or in the console`);
        return meant.flatMap(({ server, kind, name: own, digest }) =>
          digest === undefined ? [] : [{ server, kind, name: own, digest }],
        );
      });
      if (items.length === 0)
        throw new CommandFailure('it cannot be approved: it is offered twice, or its definition has a key twice');
      await client.ask<PinReport>('POST', 'pins/approve', { items });
      terminal.stdout.write(items.map((item) => `approved ${shownName(item)}\n`).join(''));
    });
  addGatewayOptions(pins.command('forget'))
    .description('have a running gateway forget items: those no longer offered, and approvals')
    .argument(
      '<items...>',
      'server/tool, server/prompt:name or server/instructions:; server for all that it no longer offers',
    )
    .addHelpText(
      'after',
      `
What was approved and is offered still is withheld from then on, as new.

Exit codes: 0 forgotten, 1 no gateway runs, or nothing is known of such a thing, 2 wrong command line.

Example:
  lockgate pins forget github/create_issue
`,
    )
    .action(async (names: readonly string[], options: Record<string, unknown>) => {
      const client = await AdminClient.find(options, terminal);
      const { withheld } = await client.ask<PinReport>('GET', 'pins');
      const items = names.flatMap((name) => forgotten(name, withheld));
      await client.ask<PinReport>('POST', 'pins/forget', { items } satisfies PinForgetting);
      terminal.stdout.write(items.map((item) => `forgot ${shownName(item)}\n`).join(''));
    });
  addConfigOptions(pins.command('write'))
    .description('write a lock file of everything that the servers of a configuration offer now')
    .addHelpText(
      'after',
      `
The servers are started, listed and ended; nothing listens. What was approved before is forgotten, but for servers that each caller logs in to: what
they offer is not seen here. Keep the file beside the configuration.

Exit codes: 0 written, 1 a server is down, or the file cannot be written, 2 wrong command line or configuration.

Example:
  lockgate pins write --config lockgate.json
`,
    )
    .action(async (options: Record<string, unknown>) => {
      const { before, file, pinned } = await offline('manual', options, terminal, async (gateway, unseen) => {
        const found = await gateway.pins.rewrite(unseen);
        return { before: found, ...(await gateway.pins.report()) };
      });
      const paint = painter(wantsColor(terminal));
      for (const item of before.withheld) {
        for (const { text } of item.findings)
          terminal.stderr.write(`${paint('yellow', 'warning:')} ${shownName(item)} ${text}\n`);
      }
      terminal.stdout.write(`Wrote ${pinned} pins to ${file}. Look at it before you keep it.\n`);
    });
  addConfigOptions(pins.command('verify'))
    .description('compare what the servers of a configuration offer now with the lock file')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The servers are started, listed and ended; nothing listens.

Exit codes: 0 everything is as the file says, 1 something is not, or a server is down, 2 wrong command line or configuration.

Example:
  lockgate pins verify --config lockgate.json
`,
    )
    .action(async (options: Record<string, unknown>) => {
      await print(await offline('lockfile', options, terminal, (gateway) => gateway.pins.report()), options, terminal);
    });
}

/** What is meant by a name; what is not withheld may be approved. */
function forgotten(name: string, withheld: readonly WithheldItem[]): readonly PinnedItem[] {
  const meant = withheld.filter((item) => shownName(item) === name || (item.server === name && !item.isOffered));
  if (meant.length > 0) return meant.map(({ server, kind, name: own }) => ({ server, kind, name: own }));
  const {
    server,
    kind = 'tool',
    own,
  } = /^(?<server>[^/]+)\/(?:(?<kind>prompt|instructions):)?(?<own>.*)$/s.exec(name)?.groups ?? {};
  if (server === undefined || own === undefined)
    throw new CommandFailure(`"${name}" names nothing that is no longer offered; an item is server/tool`);
  return [{ server, kind: kind as PinnedItem['kind'], name: own }];
}

/** A gateway of this process that serves nobody. What it says of what is withheld is said by the command. */
async function offline<T>(
  mode: 'manual' | 'lockfile',
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  work: (gateway: import('../gateway.ts').Gateway, unseen: readonly string[]) => Promise<T>,
): Promise<T> {
  const opened = await openConfig(options, terminal);
  const { openInProcessGateway } = await import('./in-process-gateway.ts');
  const { config, sources } = opened;
  const { pins } = config.gateway;
  const part = { ...config, gateway: { ...config.gateway, logLevel: 'silent', pins: { ...pins, mode } } } as const;
  await using gateway = await openInProcessGateway(
    { ...opened, sources: new Map([...sources, ['gateway.logLevel', { from: 'file' }]]) },
    part,
    terminal,
  );
  await gateway.started();
  const down = gateway.status().upstreams.filter(({ state }) => state !== 'running');
  if (down.length > 0) {
    const lines = down.map(({ name, state, reason }) => `server "${name}" is down: ${reason ?? `it is ${state}`}`);
    throw new CommandFailure(lines.join('\n'));
  }
  const unseen = Object.entries(config.mcpServers)
    .filter(([, entry]) => !isProgram(entry) && entry.credential === 'user' && !entry.disabled)
    .map(([name]) => name);
  const result = await work(gateway, unseen);
  for (const name of unseen) {
    terminal.stderr.write(
      `${painter(wantsColor(terminal))('yellow', 'note:')} server "${name}" was not looked at: each caller logs in to it, and this command is none. Its pins are as they were. ` +
        `To approve what it offers, serve with "gateway.pins.mode" "manual", list its tools as a caller who is logged in, then: lockgate pins approve ${quoted(name)}${opened.flag}\n`,
    );
  }
  return result;
}

async function print(report: PinReport, options: Readonly<Record<string, unknown>>, terminal: Terminal): Promise<void> {
  if (options.json === true) terminal.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else
    terminal.stdout.write(
      await describePins(
        report,
        configFlag(options.config, terminal.workingFolder),
        painter(wantsColor(terminal, terminal.stdout)),
      ),
    );
  if (report.failure !== undefined) throw new CommandFailure(report.failure);
  const count = report.withheld.filter(({ isOffered }) => isOffered).length;
  if (count > 0) throw new CommandFailure(`${count} ${count === 1 ? 'item is' : 'items are'} withheld`, EXIT.failed);
}
