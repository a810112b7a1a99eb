import type { Command } from 'commander';
import type { SignInLink } from '../console/api.ts';
import { AdminClient, addGatewayOptions } from './admin-client.ts';
import type { Terminal } from './terminal.ts';

/** `lockgate console`. */
export function addConsoleCommand(program: Command, terminal: Terminal): void {
  addGatewayOptions(program.command('console'))
    .description('print an address that signs in to the console of a running gateway, once, within ten minutes')
    .addHelpText(
      'after',
      `
Whoever has the address becomes the console's operator: give it to nobody. Where others reach the gateway too it takes none; sign in with an admin key there.

Exit codes: 0 printed, 1 no gateway runs, or it takes no such addresses, 2 wrong command line.

Example:
  lockgate console --config lockgate.json
`,
    )
    .action(async (options: Record<string, unknown>) => {
      const client = await AdminClient.find(options, terminal);
      const { url } = await client.ask<SignInLink>('POST', 'sign-in-link');
      terminal.stdout.write(`${url}\n`);
    });
}
