import type { Comparison } from '../figure.ts';
import { LOAD_MEASURES } from '../load/contest.ts';
import { type ConfiguredSide, gatewayContest } from '../load/gateway-contest.ts';
import type { Era } from '../load/messages.ts';

const KEY = 'a-key-of-the-bench-that-is-long-enough';
const PLENTY = 1_000_000_000;

const ROLES = {
  reader: { tools: { allow: ['echo/get_*', 'echo/list_*', 'echo/echo'] } },
  careful: { tools: { allow: ['other/*'], deny: ['*/delete_*', '*/drop_*'] } },
};
const LIMITS = {
  rate: { calls: PLENTY, per: 'minute', by: ['principal'] },
  tools: { calls: PLENTY, per: 'hour', by: ['principal', 'tool'], tools: ['echo/*'] },
};
const QUOTA = { ...LIMITS, tools: { ...LIMITS.tools, per: 'day' } };

/** What roles and limits cost calls that they let pass. */
function figureFor(era: Era, clients: number, limits: object, which: string): Comparison {
  return {
    name: `gateway-limits: a gateway with two roles and ${which} against one without, HTTP server of ${era}, ${clients} client${clients > 1 ? 's' : ''}`,
    measures: LOAD_MEASURES,
    setup: (context) => {
      const side = (name: string, roles: readonly string[] | undefined, sections: object): ConfiguredSide => {
        const apiKeys = [{ name: 'bench', key: `\${BENCH_KEY:-${KEY}}`, roles }];
        return { name, sections, key: KEY, gateway: { auth: { apiKeys } } };
      };
      const note = 'the same program twice; both ask for the same key and write their audit logs';
      return gatewayContest(context, { era, clients, note }, [
        side('with roles and limits', Object.keys(ROLES), { roles: ROLES, limits }),
        side('without', undefined, {}),
      ]);
    },
  };
}

const figures: readonly Comparison[] = (['2026', '2025'] as const).flatMap((era) => [
  figureFor(era, 1, LIMITS, 'two rates'),
  figureFor(era, 16, LIMITS, 'two rates'),
  figureFor(era, 16, QUOTA, 'a rate and a daily quota'),
]);

export default figures;
