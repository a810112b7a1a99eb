import type { Comparison } from '../figure.ts';
import { LOAD_MEASURES, loadContest, type Side } from '../load/contest.ts';
import { checkouts, writeConfig } from '../subjects/lockgate.ts';
import { programArgs, temporaryFolder } from '../subjects/server-process.ts';

const text = ' of many that say the same';

/** What is behind the pipe: a server by hand, which leaves the processors to what stands between, or one of the bare SDK, as servers mostly are. */
const SERVERS = {
  'a stdio server': { tool: 'echo', args: programArgs('echo-server', 'stdio', '2025') },
  "the SDK's stdio server": { tool: 'slugify', args: programArgs('mcp-echo', 'stdio') },
} as const;

function figureFor(behind: keyof typeof SERVERS, clients: number): Comparison {
  const { tool, args: server } = SERVERS[behind];
  return {
    name: `gateway-pipe to ${behind}, ${clients} call${clients > 1 ? 's' : ''} at a time`,
    measures: LOAD_MEASURES,
    async setup(context) {
      await using opening = new AsyncDisposableStack();
      const folder = opening.use(await temporaryFolder());
      const side = (name: string, args: readonly string[]): Side => ({
        name,
        target: { to: { command: process.execPath, args }, era: '2025', clients, tool, text },
      });
      const gateway = async ({ name, main }: { name: string; main: string }, index: number): Promise<Side> => {
        // Over a pipe nothing listens: the port is only the file's name.
        const config = await writeConfig(folder.path, index, {
          mcpServers: { echo: { command: process.execPath, args: server } },
        });
        return side(name, [main, 'serve', '--stdio', '--server', 'echo', '--config', config]);
      };
      const [here, ...others] = await Promise.all(checkouts(context.against).map(gateway));
      if (!here) throw new TypeError('no checkout');
      const copying = side('ten copying lines', programArgs('copying', 'stdio', ...server));
      const parsing = side('a parsing proxy', programArgs('parsing-pipe', ...server));
      const sides = [here, copying, parsing, ...others] as const;
      return await loadContest(context, sides, opening.move(), {
        alike: true,
        note: 'clients, what stands between, and the server are processes of their own, joined by pipes; sessions of 2025; the parsing proxy has 25 lines, and alone of these two gives ids of its own',
      });
    },
  };
}

const figures: readonly Comparison[] = (Object.keys(SERVERS) as (keyof typeof SERVERS)[]).flatMap((behind) =>
  [1, 16].map((clients) => figureFor(behind, clients)),
);

export default figures;
