import { judge } from '../../packages/gateway/test/zoo/judge.ts';
import { configure } from './gateway.mjs';
import { install } from './install.mjs';
import { programOf, startListening } from './started-server.mjs';
import { select } from './table.mjs';

/**
 * Has real clients do the same at one server and at the gateway in front of it.
 *
 * @param clients - Some of those in `packages/gateway/test/zoo/real-clients.ts`.
 * @returns one row for each client and transport.
 */
export async function compareClients(clients, scratch, say) {
  const [server] = select(['everything']);
  const installed = await install(server);
  const listening = [];
  try {
    for (const transport of ['http', 'sse']) {
      listening.push(await startListening(server, installed, scratch.nextWay(), server[transport]));
    }
    const { command, args, env, cwd } = programOf(server, installed, scratch.nextWay());
    const direct = { http: listening[0].url, sse: listening[1].url, stdio: { command, args, env } };
    const config = configure(scratch.nextWay(), { everything: { command, args, env, cwd } });
    const gateway = await config.serve();
    try {
      await gateway.settled();
      const { args: throughArgs, env: throughEnv } = config.programFor('everything');
      const http = `${gateway.url}/everything`;
      const stdio = { command: process.execPath, args: throughArgs, env: throughEnv };
      const through = { http, sse: http.replace('/mcp/', '/sse/'), stdio };
      const rows = [];
      for (const client of clients) {
        rows.push(await compared(client, direct, through));
        const { version, transport, era } = client;
        const { failed, failures } = rows.at(-1);
        say(
          `[${rows.length}/${clients.length}] ${client.name} ${version} ${transport} ${era}: ${failed ?? (failures.length === 0 ? 'same' : `${failures.length} differences`)}`,
        );
      }
      return rows;
    } finally {
      await gateway.stop();
    }
  } finally {
    for (const { stop } of listening) stop();
  }
}

async function compared(client, direct, through) {
  try {
    const legacy = [await client.hear(direct), await client.hear(direct)];
    return { client, ...judge({ legacy }, client.era, await client.hear(through)) };
  } catch (error) {
    return {
      client,
      failed: String(error.stderr || error.message)
        .trim()
        .split('\n')
        .at(-1),
      failures: [],
    };
  }
}
