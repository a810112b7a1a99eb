import { fileURLToPath } from 'node:url';
import type { Comparison } from '../figure.ts';
import { LOAD_MEASURES, loadContest, type Side } from '../load/contest.ts';
import { checkouts, startLockgate } from '../subjects/lockgate.ts';
import { temporaryFolder } from '../subjects/server-process.ts';

const TEXTKIT = fileURLToPath(new URL('../../examples/plugins/dist/textkit.wasm', import.meta.url));

/** Enough that the plugin, and not what the clients cost, has the processors: more than a millisecond. */
const WORK = ' some words to be joined'.repeat(4_000);

/** The processor time is that of one process, which says nothing where there are several. */
const MEASURES = LOAD_MEASURES.filter(({ key }) => key !== 'cpuUs');

/** How many calls a second several processes answer, against one: of a plugin that computes, so that the gateway has what there is of processors. */
function figureFor(what: string, text: string): Comparison {
  return {
    name: `gateway-processes: calls of a plugin that ${what}, 16 clients, with two processes against one`,
    measures: MEASURES,
    setup: async (context) => {
      await using opening = new AsyncDisposableStack();
      const folder = opening.use(await temporaryFolder());
      const [{ main }] = checkouts(undefined);
      const sections = { plugins: { textkit: { path: TEXTKIT, isolation: 'inline' } } };
      const side = async (name: string, args: readonly string[]): Promise<Side> => {
        const process = opening.use(await startLockgate(main, folder.path, sections, { console: false }, args));
        return {
          name,
          process,
          target: { to: { url: process.url, how: 'http' }, era: '2026', clients: 16, tool: 'slugify', text },
        };
      };
      return await loadContest(
        context,
        [
          await side('two processes', ['--processes', '2']),
          await side('one process that is kept', ['--processes', '1']),
          await side('one process alone', []),
        ],
        opening.move(),
        {
          alike: true,
          note: 'the aim of 1.7 against one alone wants two processors for the two, and so a third for the clients',
        },
      );
    },
  };
}

const figures: readonly Comparison[] = [figureFor('computes', WORK), figureFor('hardly computes', '')];

export default figures;
