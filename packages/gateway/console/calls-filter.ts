import type { Call, CallFilter } from '../src/console/api.ts';

/** Filters of the address as the gateway takes them; times come from fields of the browser's own zone. */
export function callFilter(filters: Readonly<Record<string, string>>): CallFilter {
  const { server, tool, verdict, principal, source, from, to } = filters;
  const begin = from === undefined ? Number.NaN : Date.parse(from);
  const end = to === undefined ? Number.NaN : Date.parse(to);
  return {
    ...(server ? { server } : {}),
    ...(tool ? { tool } : {}),
    ...(principal ? { principal } : {}),
    ...(verdict ? { verdict: verdict as NonNullable<CallFilter['verdict']> } : {}),
    ...(Number.isNaN(begin) ? {} : { from: begin }),
    ...(Number.isNaN(end) ? {} : { to: end }),
    ...(source === 'log' ? { source } : {}),
  };
}

/** Whether a call that was just told of belongs to the list. */
export function passes(call: Call, filter: CallFilter): boolean {
  const { server, tool, verdict, principal, from, to } = filter;
  return (
    (server === undefined || call.server === server) &&
    (tool === undefined || (call.target ?? '').includes(tool)) &&
    (verdict === undefined || call.verdict === verdict) &&
    (principal === undefined || call.principal === principal) &&
    (from === undefined || call.startedAt >= from) &&
    (to === undefined || call.startedAt <= to)
  );
}

/** The list with news in it: what is known is replaced where it stands, what is new comes first, the oldest go. */
export function withNews(calls: readonly Call[], news: readonly Call[], most: number): readonly Call[] {
  const changed = new Map(news.map((call) => [call.id, call]));
  const known = new Set(calls.map(({ id }) => id));
  const fresh = [...changed.values()].filter(({ id }) => !known.has(id)).toReversed();
  return [...fresh, ...calls.map((call) => changed.get(call.id) ?? call)].slice(0, most);
}
