import type { Comparison } from '../figure.ts';
import { LOAD_MEASURES, loadContest, type Side } from '../load/contest.ts';
import type { Era } from '../load/messages.ts';
import { checkouts, startLockgate } from '../subjects/lockgate.ts';
import { startProgram, temporaryFolder } from '../subjects/server-process.ts';

/** Nothing that is called is meant: each call is looked at. */
const APPROVALS = [{ tools: ['echo/delete_*', 'other/*'], require: 'operator' }];

/** What pins and approval rules cost calls that they let pass. */
function figureFor(era: Era, clients: number): Comparison {
  return {
    name: `gateway-consent: a gateway with pins and an approval rule against one without, HTTP server of ${era}, ${clients} client${clients > 1 ? 's' : ''}`,
    measures: LOAD_MEASURES,
    async setup(context) {
      await using opening = new AsyncDisposableStack();
      const folder = opening.use(await temporaryFolder());
      const server = opening.use(await startProgram('echo-server', era));
      const [{ main }] = checkouts(undefined);
      const side = async (name: string, gateway: object): Promise<Side> => {
        const served = { mcpServers: { echo: { url: server.url } } };
        const process = opening.use(await startLockgate(main, folder.path, served, gateway));
        return {
          name,
          process,
          target: { to: { url: process.url, how: 'http' }, era, clients, tool: 'echo', text: '' },
        };
      };
      const sides = [
        await side('with pins', { pins: { mode: 'first-use' }, approvals: APPROVALS }),
        await side('without', {}),
      ] as const;
      return await loadContest(context, sides, opening.move(), {
        alike: true,
        note: 'the same program twice; both write their audit logs',
      });
    },
  };
}

const figures: readonly Comparison[] = (['2026', '2025'] as const).map((era) => figureFor(era, 16));

export default figures;
