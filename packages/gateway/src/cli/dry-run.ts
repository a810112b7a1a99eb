import type { ModuleOrigin } from '../config/modules-section.ts';
import { writeNotes } from './config.ts';
import type { OpenedConfig } from './config-options.ts';
import { CommandFailure } from './exit-code.ts';
import { inspectFile } from './inspect-file.ts';
import { columns, painter, type Terminal, wantsColor } from './terminal.ts';

/** `lockgate serve --dry-run`: says what would be served, looks at every module, starts nothing. */
export async function dryRun(opened: OpenedConfig, terminal: Terminal): Promise<void> {
  const { gateway, plugins, guards, mcpServers } = opened.config;
  const paint = painter(wantsColor(terminal, terminal.stdout));
  const entries: [string, string, ModuleOrigin][] = [
    ...Object.entries(plugins).map(([name, entry]): [string, string, ModuleOrigin] => [name, 'plugin', entry]),
    ...Object.entries(guards).map(([name, entry]): [string, string, ModuleOrigin] => [name, 'guard', entry]),
  ];
  const modules = await Promise.all(entries.map(([name, kind, entry]) => judge(name, kind, entry)));
  const rows = [
    ['listen', '', gateway.listen],
    ...modules.map(({ name, kind, origin, problem }) => [
      name,
      kind,
      problem === undefined ? origin : paint('red', `${origin}: ${problem}`),
    ]),
    ...Object.entries(mcpServers).map(([name, entry]) => [
      name,
      'server',
      entry.type === 'stdio' ? entry.command : new URL(entry.url).origin,
    ]),
  ];
  terminal.stdout.write(columns(rows));
  writeNotes(opened, terminal);
  const unusable = modules.filter(({ problem }) => problem !== undefined);
  if (unusable.length > 0) throw new CommandFailure(`cannot be used: ${unusable.map(({ name }) => name).join(', ')}`);
}

async function judge(name: string, kind: string, { path, url }: ModuleOrigin) {
  const origin = path ?? url ?? '';
  if (path === undefined) return { name, kind, origin, problem: undefined };
  const { problems, report } = await inspectFile(path);
  const other =
    report && report.abi !== 'unknown' && report.abi !== kind ? `it is a ${report.abi}, not a ${kind}` : undefined;
  return { name, kind, origin, problem: other ?? problems[0] };
}
