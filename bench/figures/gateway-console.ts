import type { Comparison } from '../figure.ts';
import { LOAD_MEASURES, loadContest, type Side } from '../load/contest.ts';
import type { Era } from '../load/messages.ts';
import { checkouts, startLockgate } from '../subjects/lockgate.ts';
import { startProgram, temporaryFolder } from '../subjects/server-process.ts';

/** What watching calls for the console costs the calls themselves, with nobody looking. */
function figureFor(era: Era, clients: number): Comparison {
  return {
    name: `gateway-console: a gateway with its console against one without, HTTP server of ${era}, ${clients} client${clients > 1 ? 's' : ''}`,
    measures: LOAD_MEASURES,
    async setup(context) {
      await using opening = new AsyncDisposableStack();
      const folder = opening.use(await temporaryFolder());
      const server = opening.use(await startProgram('echo-server', era));
      const [{ main }] = checkouts(undefined);
      const sections = { mcpServers: { echo: { url: server.url } } };
      const gateway = async (name: string, console: boolean): Promise<Side> => {
        const process = opening.use(await startLockgate(main, folder.path, sections, { console }));
        return {
          name,
          process,
          target: { to: { url: process.url, how: 'http' }, era, clients, tool: 'echo', text: '' },
        };
      };
      const sides = [await gateway('with the console', true), await gateway('without', false)] as const;
      return await loadContest(context, sides, opening.move(), {
        alike: true,
        note: 'the same program twice; both write their audit logs',
      });
    },
  };
}

const figures: readonly Comparison[] = (['2026', '2025'] as const).flatMap((era) =>
  [1, 16].map((clients) => figureFor(era, clients)),
);

export default figures;
