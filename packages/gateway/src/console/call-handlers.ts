import type { Call, CallDetail, CallList } from './api.ts';
import { badRequest, notAvailable, notFound } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import { type AuditFiles, readAuditCall, readAuditPage } from './audit-pages.ts';
import { type AskedCalls, isAskedFor, readCallFilter } from './call-filter.ts';
import { rounded, type SeenCall, toCall } from './seen-call.ts';
import type { WatchedCalls } from './watched-calls.ts';

export interface CallHandlersOptions {
  readonly boot: string;
  /** Absent where the console is off: nobody is watched then. */
  readonly calls: WatchedCalls | undefined;
  /** Absent where nothing is written to disk. */
  readonly audit: AuditFiles | undefined;
}

/** The calls that run and have ended, and one of them in its phases. */
export function callHandlers({ boot, calls, audit }: CallHandlersOptions): readonly ApiHandler[] {
  const list = async (query: URLSearchParams): Promise<CallList> => {
    const asked = readCallFilter(query);
    const hasLog = audit !== undefined;
    if (asked.source === 'log') {
      if (!audit) throw notAvailable('There is no audit log', 'Set "gateway.logDir"');
      return { ...(await readAuditPage(audit, asked)), hasLog };
    }
    return { ...fromMemory(mustWatch(calls), boot, asked), hasLog };
  };
  const detail = async (id: string): Promise<CallDetail> => {
    if (id.startsWith('log.')) {
      const call = audit && (await readAuditCall(audit, id));
      if (!call) throw notFound('The audit log has no call of this id, or no longer');
      return { ...call, phases: [] };
    }
    const [of, number] = id.split('.');
    const call = of === boot ? mustWatch(calls).find(Number(number)) : undefined;
    if (!call)
      throw notFound('There is no call of this id, or no longer: the last 1,000 are kept, until the gateway ends');
    return toDetail(call, boot);
  };
  return [
    { method: 'GET', path: 'calls', role: 'viewer', handle: ({ query }) => list(query) },
    { method: 'GET', path: 'calls/:id', role: 'viewer', handle: ({ params: { id = '' } }) => detail(id) },
  ];
}

function mustWatch(calls: WatchedCalls | undefined): WatchedCalls {
  if (calls) return calls;
  throw notAvailable(
    'Calls are watched only where the console is on',
    'Set "gateway.console" to true, or look into the audit log',
  );
}

/** @param asked.before - Number of the call where the last page ended. */
function fromMemory(calls: WatchedCalls, boot: string, asked: AskedCalls): Omit<CallList, 'hasLog'> {
  const found: Call[] = [];
  const before = asked.before === undefined ? undefined : readPlace(asked.before, boot);
  const take = (call: SeenCall): boolean => {
    const told = toCall(call, boot);
    if (isAskedFor(told, asked)) found.push(told);
    return found.length >= asked.limit;
  };
  if (before === undefined) for (const call of [...calls.running].reverse()) if (take(call)) break;
  let isWanted = before === undefined;
  let last: SeenCall | undefined;
  for (const call of calls.ended.newest()) {
    if (found.length >= asked.limit) return { calls: found, ...(last && { next: `${boot}.${last.number}` }) };
    if (isWanted) {
      last = call;
      take(call);
    }
    isWanted ||= call.number === before;
  }
  return { calls: found };
}

function readPlace(text: string, boot: string): number {
  const [, number] = /^[^.]+\.(\d{1,15})$/.exec(text) ?? [];
  if (number === undefined) throw badRequest('"before" has to be what an answer has as "next"');
  if (!text.startsWith(`${boot}.`))
    throw badRequest('"before" is of an earlier run of the gateway; leave it out to begin with the newest');
  return Number(number);
}

/**
 * Where the time went: finding out where it goes, then the phases of the monitor one after another, or the server alone. When a phase began
 * is not measured; those of the guard before the call and the backend follow each other, and what is left lies at the end.
 */
function toDetail(call: SeenCall, boot: string): CallDetail {
  const told = toCall(call, boot);
  const { routeMs, durationMs, decision } = call;
  const phases: CallDetail['phases'][number][] = [];
  if (routeMs !== undefined) phases.push({ name: 'route', startMs: 0, durationMs: rounded(routeMs) });
  let at = routeMs ?? 0;
  const spent = decision?.phaseMs ?? {};
  for (const name of ['label_agent', 'label_resource', 'backend', 'label_response'] as const) {
    const took = spent[name];
    if (took === undefined) continue;
    phases.push({ name, startMs: rounded(at), durationMs: rounded(took) });
    at += took;
  }
  if (!('backend' in spent) && decision?.verdict !== 'denied' && routeMs !== undefined && durationMs !== undefined) {
    phases.push({ name: 'backend', startMs: rounded(at), durationMs: rounded(Math.max(0, durationMs - at)) });
  }
  return { ...told, phases, ...(decision && { decision }) };
}
