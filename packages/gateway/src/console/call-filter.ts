import type { Call, Verdict } from './api.ts';
import { badRequest } from './api-failure.ts';

const VERDICTS: readonly Verdict[] = ['ok', 'error', 'denied', 'filtered', 'failed', 'cancelled'];
const MOST = 1_000;

/** Which calls are asked for, checked. */
export interface AskedCalls {
  readonly server?: string | undefined;
  readonly tool?: string | undefined;
  readonly verdict?: Verdict | undefined;
  readonly principal?: string | undefined;
  readonly from: number;
  readonly to: number;
  readonly source: 'memory' | 'log';
  readonly limit: number;
  readonly before?: string | undefined;
}

/** @throws ApiFailure that names the parameter. */
export function readCallFilter(query: URLSearchParams): AskedCalls {
  const text = (name: string): string | undefined => query.get(name) || undefined;
  const number = (name: string, otherwise: number): number => {
    const given = text(name);
    const value = given === undefined ? otherwise : Number(given);
    if (Number.isNaN(value)) throw badRequest(`"${name}" has to be a number`);
    return value;
  };
  const verdict = text('verdict');
  const source = text('source') ?? 'memory';
  if (verdict !== undefined && !isVerdict(verdict)) throw badRequest(`"verdict" is one of ${VERDICTS.join(', ')}`);
  if (source !== 'memory' && source !== 'log') throw badRequest('"source" is memory or log');
  const limit = number('limit', 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw badRequest(`"limit" is a whole number from 1 to ${MOST}`);
  return {
    server: text('server'),
    tool: text('tool'),
    verdict,
    principal: text('principal'),
    from: number('from', Number.NEGATIVE_INFINITY),
    to: number('to', Number.POSITIVE_INFINITY),
    source,
    limit,
    before: text('before'),
  };
}

export function isAskedFor(call: Call, asked: AskedCalls): boolean {
  return (
    (asked.server === undefined || call.server === asked.server) &&
    (asked.tool === undefined || call.target?.includes(asked.tool) === true) &&
    (asked.verdict === undefined || call.verdict === asked.verdict) &&
    (asked.principal === undefined || call.principal === asked.principal) &&
    call.startedAt >= asked.from &&
    call.startedAt <= asked.to
  );
}

function isVerdict(text: string): text is Verdict {
  return (VERDICTS as readonly string[]).includes(text);
}
