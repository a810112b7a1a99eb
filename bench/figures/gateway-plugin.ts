import { fileURLToPath } from 'node:url';
import type { Comparison } from '../figure.ts';
import { LOAD_MEASURES, loadContest, type Side } from '../load/contest.ts';
import { checkouts, startLockgate } from '../subjects/lockgate.ts';
import { freePort, programArgs, type ServerProcess, startNode, temporaryFolder } from '../subjects/server-process.ts';

const textkit = fileURLToPath(new URL('../../examples/plugins/dist/textkit.wasm', import.meta.url));

async function startBareServer(): Promise<ServerProcess> {
  const port = await freePort();
  return startNode(programArgs('mcp-echo', 'http', String(port)), `http://127.0.0.1:${port}/mcp`);
}

function figureFor(clients: number): Comparison {
  return {
    name: `gateway-plugin over HTTP, ${clients} client${clients > 1 ? 's' : ''}`,
    measures: LOAD_MEASURES,
    async setup(context) {
      await using opening = new AsyncDisposableStack();
      const folder = opening.use(await temporaryFolder());
      const side = (name: string, process: ServerProcess): Side => ({
        name,
        process: opening.use(process),
        target: { to: { url: process.url, how: 'http' }, era: '2026', clients, tool: 'slugify', text: '' },
      });
      const [here, ...others] = checkouts(context.against);
      const sections = { plugins: { textkit: { path: textkit, isolation: 'inline' } } };
      const gateway = async ({ name, main }: typeof here): Promise<Side> =>
        side(name, await startLockgate(main, folder.path, sections));
      const sides = [
        await gateway(here),
        side('the same tool in a bare SDK server', await startBareServer()),
        ...(await Promise.all(others.map(gateway))),
      ] as const;
      return await loadContest(context, sides, opening.move(), {
        alike: false,
        note: 'clients and servers are processes of their own on this machine; requests of 2026; the plugin runs inline',
      });
    },
  };
}

const figures: readonly Comparison[] = [1, 16].map(figureFor);

export default figures;
