import type { Comparison } from '../figure.ts';
import { LOAD_MEASURES } from '../load/contest.ts';
import { gatewayContest } from '../load/gateway-contest.ts';
import type { Era } from '../load/messages.ts';

/** What watching calls for the console costs the calls themselves, with nobody looking. */
function figureFor(era: Era, clients: number): Comparison {
  return {
    name: `gateway-console: a gateway with its console against one without, HTTP server of ${era}, ${clients} client${clients > 1 ? 's' : ''}`,
    measures: LOAD_MEASURES,
    setup: (context) =>
      gatewayContest(context, { era, clients, note: 'the same program twice; both write their audit logs' }, [
        { name: 'with the console', gateway: { console: true } },
        { name: 'without', gateway: { console: false } },
      ]),
  };
}

const figures: readonly Comparison[] = (['2026', '2025'] as const).flatMap((era) =>
  [1, 16].map((clients) => figureFor(era, clients)),
);

export default figures;
