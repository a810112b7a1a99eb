import type { Command } from 'commander';
import type { BeginConnection, ConnectionBegun, ConnectionMade, FinishConnection } from '../console/api.ts';
import { OWN, SHARED } from '../login/holder.ts';
import { AdminClient, addGatewayOptions, NotRunning } from './admin-client.ts';
import { openConfig } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { type LoopbackAnswer, waitForBrowser } from './loopback-answer.ts';
import type { Terminal } from './terminal.ts';

/** Whoever begins a login and ends it: the gateway that runs, or this command itself. */
interface Connector {
  begin(redirectUri: string): Promise<Pick<ConnectionBegun, 'url' | 'host' | 'scopes'>>;
  finish(answer: string): Promise<Pick<ConnectionMade, 'isKept'>>;
}

/** `lockgate connect`. */
export function addConnectCommand(program: Command, terminal: Terminal): void {
  addGatewayOptions(program.command('connect'))
    .description('log in to a server with a browser, for the gateway')
    .argument('<server>', 'a server of the configuration')
    .addHelpText(
      'after',
      `
Prints the address at which you log in, and waits for the browser to come back, ten minutes at most. A gateway that runs is told over its admin socket; without one the
login is written into the vault, where the next one finds it ("lockgate vault init" makes its key). With "credential": "user" this is the login of whoever starts the
gateway with --stdio.

Exit codes: 0 logged in, 1 it did not work, 2 wrong command line or configuration.

Example:
  lockgate connect tracker --config lockgate.json
`,
    )
    .action(async (server: string, options: Record<string, unknown>) => {
      const connector = await connectorFor(server, options, terminal);
      const { isKept } = await connect(connector, terminal, await waitForBrowser());
      const end = isKept ? '' : ' The login is kept in memory, and ends when the gateway does.';
      terminal.stdout.write(`Logged in to ${server}.${end}\n`);
    });
}

async function connect(
  connector: Connector,
  terminal: Terminal,
  browser: LoopbackAnswer,
): Promise<Pick<ConnectionMade, 'isKept'>> {
  await using waiting = browser;
  const { url, host, scopes } = await connector.begin(waiting.redirectUri);
  const asked = scopes.length === 0 ? '' : ` (${scopes.join(' ')})`;
  terminal.stderr.write(
    `Open this address to log in at ${host}${asked}:\n\n  ${url}\n\nWaiting for the browser to come back ...\n`,
  );
  const { answer, reply } = await waiting.answer;
  try {
    const made = await connector.finish(answer);
    reply('You are logged in. You can close this page.');
    return made;
  } catch (error) {
    reply('That did not work; the terminal says why.');
    throw error;
  }
}

async function connectorFor(
  server: string,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<Connector> {
  const client = await AdminClient.find(options, terminal);
  try {
    await client.ask('GET', 'connections');
  } catch (error) {
    if (error instanceof NotRunning) return ownConnector(server, options, terminal);
    throw error;
  }
  return {
    begin: (redirectUri) =>
      client.ask<ConnectionBegun>('POST', 'connections/begin', { server, redirectUri } satisfies BeginConnection),
    finish: (answer) => client.ask<ConnectionMade>('POST', 'connections/finish', { answer } satisfies FinishConnection),
  };
}

/** Without a gateway: a login that is not kept would be lost with this command. */
async function ownConnector(
  server: string,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<Connector> {
  const { config, flag } = await openConfig(options, terminal);
  const entry = Object.hasOwn(config.mcpServers, server) ? config.mcpServers[server] : undefined;
  if (!entry) {
    const known = Object.keys(config.mcpServers).join(', ') || 'none';
    throw new CommandFailure(`the configuration has no server "${server}" (known: ${known})`, EXIT.usage);
  }
  const { openOwnLogins } = await import('../login/own-logins.ts');
  const logins = openOwnLogins({ ...config.gateway.vault, flag }, Date.now);
  const remote = logins.configure(server, entry);
  if (!remote)
    throw new CommandFailure(
      `nobody logs in to "${server}": it is a program, or "headers" have its credential`,
      EXIT.usage,
    );
  if (!(await logins.vault()).isDurable) {
    throw new CommandFailure(
      `no gateway runs, and there is no key to keep the login with: make one with "lockgate vault init${flag}", or start the gateway first`,
    );
  }
  const whose = remote.credential === 'user' ? OWN : SHARED;
  return {
    begin: (redirectUri) => logins.begin(server, whose, { redirectUri }),
    finish: (answer) => logins.finish(new URLSearchParams(answer), undefined),
  };
}
