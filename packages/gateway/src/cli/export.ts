import type { Command } from 'commander';
import { EXPORTED_CLIENTS } from '../clients/ids.ts';
import type { ExportOptions } from './export-to.ts';
import type { Terminal } from './terminal.ts';

/** `lockgate export <client>`. */
export function addExportCommand(program: Command, terminal: Terminal): void {
  program
    .command('export')
    .description("print the entry that a client needs for this gateway, or put it into the client's file")
    .argument('<client>', EXPORTED_CLIENTS.join(', '))
    .option('-c, --config <file>', 'configuration file (default: lockgate.json and the like in this folder)')
    .option('--env <file>', 'file of NAME=value lines that a gateway which the client starts reads')
    .option('--http', 'the client reaches the gateway at its address (the default where the client can)')
    .option('--stdio', 'the client starts the gateway itself')
    .option('--name <name>', 'what the client calls it', 'lockgate')
    .option('--write', "put it into the client's file; what was there before is kept beside it")
    .option('--file <file>', "with --write: the client's file, where it is not in its usual place")
    .option('--replace', 'with --write: take out the servers that the gateway has as well')
    .addHelpText(
      'after',
      `
With --stdio the client starts "lockgate" where that is on the PATH (not in a node_modules), and else this very program, with the Node that runs it: from a checkout
or an unpacked package, which has to stay where it is. Run by npx it starts it by npx.

Examples:
  lockgate export cursor
  lockgate export claude-desktop --env lockgate.env --write
  lockgate export vscode --write --file .vscode/mcp.json --replace
`,
    )
    .action(async (client: string, options: ExportOptions) => {
      const { exportTo } = await import('./export-to.ts');
      await exportTo(client, options, terminal);
    });
}
