import type { Comparison } from '../figure.ts';
import { LOAD_MEASURES } from '../load/contest.ts';
import { gatewayContest } from '../load/gateway-contest.ts';
import type { Era } from '../load/messages.ts';

/** Nothing that is called is meant: each call is looked at. */
const APPROVALS = [{ tools: ['echo/delete_*', 'other/*'], require: 'operator' }];

/** What pins and approval rules cost calls that they let pass. */
function figureFor(era: Era, clients: number): Comparison {
  return {
    name: `gateway-consent: a gateway with pins and an approval rule against one without, HTTP server of ${era}, ${clients} client${clients > 1 ? 's' : ''}`,
    measures: LOAD_MEASURES,
    setup: (context) =>
      gatewayContest(context, { era, clients, note: 'the same program twice; both write their audit logs' }, [
        { name: 'with pins', gateway: { pins: { mode: 'first-use' }, approvals: APPROVALS } },
        { name: 'without', gateway: {} },
      ]),
  };
}

const figures: readonly Comparison[] = (['2026', '2025'] as const).map((era) => figureFor(era, 16));

export default figures;
