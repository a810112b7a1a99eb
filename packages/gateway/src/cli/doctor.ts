import type { Command } from 'commander';
import { addConfigOptions } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** `lockgate doctor [server...]`. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  addConfigOptions(program.command('doctor'))
    .description(
      'start each server, plugin and guard alone, and say what is wrong with them, the configuration and this machine',
    )
    .argument('[server...]', 'servers, plugins or guards (default: all that are switched on)')
    .option('--json', 'print JSON')
    .option('--timeout <seconds>', 'how long each server may take (default: its "connectTimeoutMs")')
    .addHelpText(
      'after',
      `
Nothing is written, no tool is called, and what was started ends with the command.

Exit codes: 0 all can be served (there may be warnings), 1 something cannot, 2 wrong command line, or no configuration.

Examples:
  lockgate doctor --config lockgate.json
  lockgate doctor github files --timeout 60
  lockgate doctor --json | jq '.findings[] | select(.status == "failure")'
`,
    )
    .action(async (names: readonly string[], options: Record<string, unknown>) => {
      const timeoutMs = options.timeout === undefined ? undefined : Number(options.timeout) * 1_000;
      if (timeoutMs !== undefined && !(timeoutMs > 0))
        throw new CommandFailure(`--timeout takes seconds, got "${options.timeout}"`, EXIT.usage);
      // Loaded here: the other commands need nothing of it.
      const { examineConfig } = await import('./examine-config.ts');
      await examineConfig({ names, timeoutMs, printJson: options.json === true }, options, terminal);
    });
}
