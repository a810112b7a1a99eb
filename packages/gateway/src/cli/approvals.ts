import type { Command } from 'commander';
import type { ApprovalList, WaitingApproval } from '../console/api.ts';
import { AdminClient, addGatewayOptions } from './admin-client.ts';
import { printable } from './printable.ts';
import { painter, type Terminal, wantsColor } from './terminal.ts';

/** `lockgate approvals`. */
export function addApprovalsCommand(program: Command, terminal: Terminal): void {
  const approvals = program
    .command('approvals')
    .description('see and decide on calls that wait for an operator')
    .addHelpText('after', '\nExample:\n  lockgate approvals list\n');
  addGatewayOptions(approvals.command('list', { isDefault: true }))
    .description('calls that wait, with their arguments, and those that were decided on and not made yet')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 listed, 1 no gateway runs, 2 wrong command line.\n\nExample:\n  lockgate approvals list --json\n',
    )
    .action(async (options: Record<string, unknown>) => {
      const client = await AdminClient.find(options, terminal);
      const { approvals: found } = await client.ask<ApprovalList>('GET', 'approvals');
      const paint = painter(wantsColor(terminal, terminal.stdout));
      if (options.json === true) terminal.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
      else if (found.length === 0) terminal.stdout.write('No call waits.\n');
      else terminal.stdout.write(found.map((one) => described(one, paint)).join('\n'));
    });
  for (const verdict of ['approve', 'deny'] as const) {
    const does = verdict === 'approve' ? 'let one call be made, once, within five minutes' : 'refuse one call';
    addGatewayOptions(approvals.command(verdict))
      .description(does)
      .argument('<id>', 'as the list has it')
      .addHelpText(
        'after',
        `\nExit codes: 0 done, 1 no such call waits, or no gateway runs, 2 wrong command line.\n\nExample:\n  lockgate approvals ${verdict} 5f0c1c1e-8a4e-4c53-9a1e-0d6f3c9a2b77\n`,
      )
      .action(async (id: string, options: Record<string, unknown>) => {
        const client = await AdminClient.find(options, terminal);
        const path = `approvals/${encodeURIComponent(id)}/${verdict}`;
        const { server, tool, principal } = await client.ask<WaitingApproval>('POST', path);
        const done = verdict === 'approve' ? 'approved' : 'denied';
        terminal.stdout.write(printable(`${done} ${server}/${tool} for ${principal}`).concat('\n'));
      });
  }
}

function described(one: WaitingApproval, paint: ReturnType<typeof painter>): string {
  const { id, state, principal, client, server, tool, leaving = [], expiresInMs } = one;
  const whose = client === undefined ? principal : `${principal} (${client})`;
  const seconds = Math.ceil(expiresInMs / 1_000);
  return [
    paint('bold', printable(`${server}/${tool} for ${whose}`)),
    `  ${state}, ${seconds} s left, id ${id}`,
    ...(leaving.length > 0 ? [printable(`  with it goes what was read of ${leaving.join(', ')}`)] : []),
    `  ${printable(one.arguments)}`,
    '',
  ].join('\n');
}
