import type { Command } from 'commander';
import type { InitOptions } from './make-config.ts';
import type { Terminal } from './terminal.ts';

/** `lockgate init`. */
export function addInitCommand(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('make a lockgate.json of what the MCP clients of this machine have configured; starts nothing')
    .option('--yes', 'take everything that is found, and ask nothing')
    .option('--to <file>', 'the configuration to make', 'lockgate.json')
    .option('--secrets <file>', 'put the values of secrets there, for "lockgate serve --env"')
    .option('--dry-run', 'say what would be written, and write nothing')
    .addHelpText(
      'after',
      `
The clients' own files stay as they are. Where none has a server, a small configuration with an example is made.

Exit codes: 0 done, 2 nothing was done: there is a configuration already, or nobody to ask (then --yes is needed).

Examples:
  lockgate init
  lockgate init --yes --secrets lockgate.env
  lockgate init --dry-run
`,
    )
    .action(async (options: InitOptions) => {
      const { makeConfig } = await import('./make-config.ts');
      await makeConfig(options, terminal);
    });
}
