import type { Agent, Policy, PolicyServer, Reading } from '../console/api.ts';
import type { Said } from './asked-processes.ts';

const MOST_AGENTS = 200;
const MOST_DECISIONS = 100;

/** The rules, which are those of one configuration, with the agents and the decisions of all processes. */
export function joinPolicies(processes: readonly Said<Policy>[]): Policy {
  const all = processes.map(({ value }) => value);
  const first = all[0] as Policy;
  const newestFirst = <T extends { readonly time: number }>(items: readonly T[]): readonly T[] =>
    items.toSorted((one, other) => other.time - one.time).slice(0, MOST_DECISIONS);
  return {
    ...first,
    isActive: all.some(({ isActive }) => isActive),
    servers: first.servers.map((server): PolicyServer => {
      const failing = processes.flatMap(({ number, value }) => {
        const failure = value.servers.find(({ name }) => name === server.name)?.failure;
        return failure === undefined ? [] : [{ number, failure }];
      });
      const [found] = failing;
      if (!found) return server;
      const isEverywhere = failing.length === processes.length;
      return { ...server, failure: isEverywhere ? found.failure : `in process ${found.number}: ${found.failure}` };
    }),
    agents: once(
      all.flatMap(({ agents }) => agents),
      ({ principal, session }: Agent) => [principal, session],
    ).slice(0, MOST_AGENTS),
    readings: once(newestFirst(all.flatMap(({ readings }) => readings)), ({ server, secrecy, integrity }: Reading) => [
      server,
      secrecy,
      integrity,
    ]),
    decisions: newestFirst(all.flatMap(({ decisions }) => decisions)),
  };
}

/** The first of those that are the same. */
function once<T>(items: readonly T[], keyOf: (item: T) => unknown): readonly T[] {
  const known = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify(keyOf(item));
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}
