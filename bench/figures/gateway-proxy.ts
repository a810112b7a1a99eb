import type { Comparison } from '../figure.ts';
import { LOAD_MEASURES, loadContest, type Side } from '../load/contest.ts';
import type { Era } from '../load/messages.ts';
import { checkouts, startLockgate } from '../subjects/lockgate.ts';
import { startProgram, temporaryFolder } from '../subjects/server-process.ts';

/** What is called, by what a reader sees: the tool and what the argument holds beside its number. */
const CALLS = {
  '200 B of echo': {
    tool: 'echo',
    text: ' of many that say the same, so that an answer has two hundred bytes in all'.padEnd(90, '.'),
  },
  '100 kB of records': { tool: 'records', text: '' },
  '100 kB of JSON in a text': { tool: 'text', text: '' },
} as const;

function figureFor(era: Era, what: keyof typeof CALLS, clients: number): Comparison {
  return {
    name: `gateway-proxy to an HTTP server of ${era}, ${what}, ${clients} client${clients > 1 ? 's' : ''}`,
    measures: LOAD_MEASURES,
    async setup(context) {
      await using opening = new AsyncDisposableStack();
      const folder = opening.use(await temporaryFolder());
      const server = opening.use(await startProgram('echo-server', era));
      const side = (name: string, process: NonNullable<Side['process']>): Side => ({
        name,
        process: opening.use(process),
        target: { to: { url: process.url, how: 'http' }, era, clients, ...CALLS[what] },
      });
      const [here, ...others] = checkouts(context.against);
      const sections = { mcpServers: { echo: { url: server.url } } };
      const gateway = async ({ name, main }: typeof here): Promise<Side> =>
        side(name, await startLockgate(main, folder.path, sections));
      const sides = [
        await gateway(here),
        side('a parsing proxy', await startProgram('parsing-proxy', server.url)),
        ...(await Promise.all(others.map(gateway))),
      ] as const;
      return await loadContest(context, sides, opening.move(), {
        alike: true,
        note: 'clients, what stands between, and the server are processes of their own on this machine; the parsing proxy has 25 lines',
      });
    },
  };
}

const figures: readonly Comparison[] = (['2026', '2025'] as const).flatMap((era) =>
  (Object.keys(CALLS) as (keyof typeof CALLS)[]).flatMap((what) =>
    [1, 16, 64].map((clients) => figureFor(era, what, clients)),
  ),
);

export default figures;
