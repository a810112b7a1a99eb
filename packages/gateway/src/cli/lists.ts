import type { Command } from 'commander';
import { addConfigOptions } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import type { Listed } from './listing.ts';
import type { Terminal } from './terminal.ts';

/** `lockgate tools | resources | prompts`. */
export function addListCommands(program: Command, terminal: Terminal): void {
  add(program, terminal, 'tools');
  add(program, terminal, 'resources');
  add(program, terminal, 'prompts');
}

const EXAMPLES: Readonly<Record<Listed, string>> = {
  tools: `  lockgate tools --config lockgate.json
  lockgate tools files
  lockgate tools files read_text_file
  lockgate tools --url http://127.0.0.1:3000/mcp --json | jq '.[].name'
`,
  resources: `  lockgate resources --config lockgate.json
  lockgate resources files --json
`,
  prompts: `  lockgate prompts --config lockgate.json
  lockgate prompts files --json
`,
};

function add(program: Command, terminal: Terminal, list: Listed): void {
  const command = addConfigOptions(program.command(list))
    .description(`list the ${list} that a configuration serves, or a gateway that runs`)
    .argument('[server]', 'only those of this server or plugin');
  if (list === 'tools') command.argument('[tool]', 'this one in full, with what its arguments are');
  command
    .option('--json', 'print JSON, whole')
    .option('--url <url>', 'ask a gateway that runs, or any MCP server, instead of starting the configuration')
    .option(
      '--header <line>',
      'with --url: a header such as "Authorization: Bearer ..."; may be given again',
      collect,
      [],
    )
    .addHelpText(
      'after',
      `
Without --url the servers of the configuration are started, listed and ended; nothing listens.

Exit codes: 0 listed, 1 a server that was asked for is down, or there is no such tool, 2 wrong command line or configuration.

Examples:
${EXAMPLES[list]}`,
    )
    .action(async (...given: unknown[]) => {
      const options = given.at(-2) as Record<string, unknown>;
      const [server, tool] = given.slice(0, -2) as (string | undefined)[];
      const headers = options.header as readonly string[];
      if (options.url === undefined && headers.length > 0)
        throw new CommandFailure('--header goes with --url', EXIT.usage);
      const remote = options.url === undefined ? undefined : { url: String(options.url), headers };
      // Loaded here: the other commands need no MCP.
      const { printList } = await import('./print-list.ts');
      await printList({ list, server, tool, remote, printJson: options.json === true }, options, terminal);
    });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
