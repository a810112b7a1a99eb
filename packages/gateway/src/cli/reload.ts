import type { Command } from 'commander';
import type { ConfigurationDifference } from '../config/configuration-difference.ts';
import type { ConfigurationReloaded, Overview } from '../console/api.ts';
import { AdminClient, addGatewayOptions } from './admin-client.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { formatProblem } from './format-problem.ts';
import { painter, type Terminal, wantsColor } from './terminal.ts';

/** `lockgate reload`. */
export function addReloadCommand(program: Command, terminal: Terminal): void {
  addGatewayOptions(program.command('reload'))
    .description('let a running gateway read its configuration again, and say what has changed')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The same as SIGHUP: log files are opened again, certificates are read again, and what is the same goes on undisturbed.
A gateway of several processes starts each of them anew, one after the other, whether anything has changed or not.

Exit codes: 0 applied, or nothing has changed, 1 no gateway runs, 2 it cannot be used: what was served stays.

Example:
  lockgate reload --config lockgate.json
`,
    )
    .action(async (options: Record<string, unknown>) => {
      const client = await AdminClient.find(options, terminal);
      const reloaded = await client.ask<ConfigurationReloaded>('POST', 'configuration/reload');
      const { isApplied, problems, waitsForRestart } = reloaded;
      if (options.json === true) terminal.stdout.write(`${JSON.stringify(reloaded, null, 2)}\n`);
      else if (isApplied) terminal.stdout.write(changes(reloaded));
      if (!isApplied) {
        const { configuration } = await client.ask<Overview>('GET', 'overview');
        const lines = problems.map((problem) =>
          formatProblem(configuration ? { source: configuration, ...problem } : problem),
        );
        throw new CommandFailure(['what was served stays:', ...lines].join('\n'), EXIT.usage);
      }
      if (waitsForRestart.length === 0 || options.json === true) return;
      const note = painter(wantsColor(terminal))('yellow', 'note:');
      terminal.stderr.write(
        `${note} ${waitsForRestart.join(', ')} ${waitsForRestart.length === 1 ? 'waits' : 'wait'} for a restart\n`,
      );
    });
}

function changes({ difference, appliedBefore, replaced }: ConfigurationReloaded): string {
  const lines = [...linesOf(difference)];
  if (replaced !== undefined) {
    if (lines.length === 0) lines.push('nothing has changed in the configuration');
    lines.push(`${replaced} ${replaced === 1 ? 'process' : 'processes'} started anew`);
  }
  if (lines.length > 0) return `${lines.join('\n')}\n`;
  if (appliedBefore === undefined) return 'nothing has changed\n';
  const seconds = (appliedBefore.agoMs / 1_000).toFixed(1);
  const before = linesOf(appliedBefore.difference);
  return `nothing has changed since the last change was applied, ${seconds} s ago:\n${before.map((line) => `  ${line}\n`).join('')}`;
}

function linesOf({ gateway = [], ...sections }: Partial<ConfigurationDifference> = {}): readonly string[] {
  const lines = Object.entries(sections).flatMap(([section, of]) =>
    (['added', 'removed', 'changed'] as const).flatMap((what) => of[what].map((name) => `${what} ${section}.${name}`)),
  );
  lines.push(...gateway.map((key) => `changed gateway.${key}`));
  return lines;
}
