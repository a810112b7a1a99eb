import type { Command } from 'commander';
import { addConfigOptions } from './config-options.ts';
import { readArguments } from './read-arguments.ts';
import type { Terminal } from './terminal.ts';

/** `lockgate monitor try [config]`. */
export function addMonitorCommand(program: Command, terminal: Terminal): void {
  const monitor = program.command('monitor').description('look at what the reference monitor does');
  addConfigOptions(monitor.command('try'))
    .description(
      'make one call and print every phase of its way, and every frame beside it: labels, checks, times, verdict; for people who write guards',
    )
    .argument('[config]', 'configuration file, the same as --config')
    .requiredOption('--tool <name>', "the tool's name as clients see it, e.g. files__list_directory")
    .option('--args <json>', 'its arguments: JSON, @file, or - for stdin')
    .option('--json', 'print the decision and the answer as JSON')
    .addHelpText(
      'after',
      `
The call is real: where the monitor allows it, the server carries it out.

Exit codes: 0 the call passed, whole or filtered, 1 it was denied or failed, 2 wrong command line or configuration.

Examples:
  lockgate monitor try lockgate.json --tool files__list_directory --args '{"path":"."}'
  lockgate monitor try --config lockgate.json --tool files__read_text_file --args @arguments.json --json
`,
    )
    .action(async (config: string | undefined, options: Record<string, unknown>) => {
      const args = await readArguments(options.args as string | undefined, terminal);
      const given = config === undefined ? options : { ...options, config };
      // Loaded here: the other commands need no MCP.
      const { tryCall } = await import('./monitor-try.ts');
      await tryCall({ tool: String(options.tool), args, printJson: options.json === true }, given, terminal);
    });
}
