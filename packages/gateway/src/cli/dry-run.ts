import { writeNotes } from './config.ts';
import type { OpenedConfig } from './config-options.ts';
import { CommandFailure } from './exit-code.ts';
import { lookAtEntries } from './look-at-entries.ts';
import { columns, painter, type Terminal, wantsColor } from './terminal.ts';

/** `lockgate serve --dry-run`: says what would be served, looks at every module and command, starts nothing. */
export async function dryRun(opened: OpenedConfig, terminal: Terminal): Promise<void> {
  const paint = painter(wantsColor(terminal, terminal.stdout));
  const entries = await lookAtEntries(opened.config, terminal.environment);
  const rows = [
    ['listen', '', opened.config.gateway.listen],
    ...entries.map(({ name, kind, origin, problem }) => [
      name,
      kind,
      problem === undefined ? origin : paint('red', `${origin}: ${problem}`),
    ]),
  ];
  terminal.stdout.write(columns(rows));
  writeNotes(opened, terminal);
  const unusable = entries.filter(({ problem }) => problem !== undefined);
  if (unusable.length > 0) throw new CommandFailure(`cannot be used: ${unusable.map(({ name }) => name).join(', ')}`);
}
