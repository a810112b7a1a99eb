import type { Command } from 'commander';
import { addConfigOptions, isConfigOnStdin } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { readArguments } from './read-arguments.ts';
import type { Terminal } from './terminal.ts';

/** `lockgate call <tool> [json]`. */
export function addCallCommand(program: Command, terminal: Terminal): void {
  addConfigOptions(program.command('call'))
    .description('call one tool of a configuration and print its answer; nothing listens')
    .argument('<tool>', "the tool's name as clients see it, e.g. textkit__slugify")
    .argument('[json]', 'its arguments: JSON, @file, or - for stdin')
    .option('--json', 'print the whole MCP result as JSON')
    .option('--timeout <seconds>', 'how long the call may take', '60')
    .addHelpText(
      'after',
      `
Exit codes: 0 the tool answered, 1 it answered with an error or there is no such tool, 2 wrong command line or configuration.

Examples:
  lockgate call textkit__slugify '{"text":"Hello there"}' --config lockgate.json
  lockgate call files__read_file @arguments.json --config lockgate.json
  lockgate call search '{"query":"read a file"}' --config lockgate.json
  echo '{"text":"Hello"}' | lockgate call textkit__count_words - --json --config lockgate.json
`,
    )
    .action(async (tool: string, json: string | undefined, options: Record<string, unknown>) => {
      const timeoutMs = Number(options.timeout) * 1_000;
      if (!(timeoutMs > 0)) throw new CommandFailure(`--timeout takes seconds, got "${options.timeout}"`, EXIT.usage);
      const isTaken = await isConfigOnStdin(options, terminal);
      if (isTaken && (json === '-' || json === '@-')) {
        const message =
          'the arguments and --config-stdin both want stdin; give the arguments as @file, or name a --config';
        throw new CommandFailure(message, EXIT.usage);
      }
      const args = await readArguments(json, isTaken ? { ...terminal, piped: false } : terminal);
      // Loaded here: the other commands need no MCP.
      const { callOnce } = await import('./call-once.ts');
      await callOnce({ tool, args, timeoutMs, printJson: options.json === true }, options, terminal);
    });
}
