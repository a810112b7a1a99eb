import type { Comparison } from '../figure.ts';
import { LOAD_MEASURES, loadContest, type Side } from '../load/contest.ts';
import { checkouts, startLockgate } from '../subjects/lockgate.ts';
import { otherGateways } from '../subjects/other-gateways.ts';
import { programArgs, type ServerProcess, temporaryFolder } from '../subjects/server-process.ts';

const text = ' of many that say the same';

function figureFor(clients: number): Comparison {
  return {
    name: `gateway-others before a stdio server, ${clients} client${clients > 1 ? 's' : ''}`,
    measures: LOAD_MEASURES,
    async setup(context) {
      await using opening = new AsyncDisposableStack();
      const folder = opening.use(await temporaryFolder());
      const command = process.execPath;
      const args = programArgs('echo-server', 'stdio', '2025');
      const side = (name: string, how: 'http' | 'sse', process: ServerProcess): Side => ({
        name,
        process: opening.use(process),
        target: { to: { url: process.url, how }, era: '2025', clients, tool: 'echo', text },
      });
      const gateway = async ({ name, main }: typeof here): Promise<Side> =>
        side(name, 'http', await startLockgate(main, folder.path, { mcpServers: { echo: { command, args } } }));
      const [here, ...olders] = checkouts(context.against);
      const sides: [Side, ...Side[]] = [await gateway(here)];
      for (const other of otherGateways) {
        sides.push(side(other.name, other.how, await other.start(folder.path, command, args)));
      }
      for (const older of olders) sides.push(await gateway(older));
      return await loadContest(context, sides, opening.move(), {
        alike: true,
        note: 'each starts the same server; sessions of 2025; mcp-hub has the transport before streamable HTTP, with a stream for each client',
      });
    },
  };
}

const figures: readonly Comparison[] = [1, 16, 64].map(figureFor);

export default figures;
