import type {
  CallDetail,
  CallList,
  ConnectionList,
  Disconnected,
  ExplainedDecision,
  Overview,
  Policy,
  UpstreamDetail,
  UpstreamList,
} from '../console/api.ts';
import { notFound } from '../console/api-failure.ts';
import type { ApiHandler, ApiRequest } from '../console/api-handler.ts';
import { readCallFilter } from '../console/call-filter.ts';
import type { LogLines } from '../console/console-sources.ts';
import { linesAfter } from '../console/log-view.ts';
import { parseJson } from '../json.ts';
import type { AskedProcesses, Said } from './asked-processes.ts';
import { joinCalls, queryOf, readPlaces } from './join-calls.ts';
import { joinConnections } from './join-connections.ts';
import { joinOverviews, joinUpstream, joinUpstreams } from './join-overviews.ts';
import { joinPolicies } from './join-policies.ts';
import type { KeptCounts } from './kept-counts.ts';
import { passHandler } from './pass-handler.ts';

export interface WholeOptions {
  readonly processes: AskedProcesses;
  readonly log: LogLines;
  /** What of the overview is the keeping process's own. */
  readonly own: () => Omit<Parameters<typeof joinOverviews>[1], 'totals'>;
  readonly counts: KeptCounts;
}

/** Lines of the log that are shown of one server. */
const LOG_LINES = 100;

/** What the console shows of all processes together, and what is done in each. */
export function wholeHandlers({ processes, log, own, counts }: WholeOptions): readonly ApiHandler[] {
  const look = (path: string, handle: ApiHandler['handle']): ApiHandler => ({
    method: 'GET',
    path,
    role: 'viewer',
    handle,
  });
  const detail = async (name: string): Promise<UpstreamDetail> => {
    const said = await processes.all<UpstreamDetail>(`upstreams/${encodeURIComponent(name)}`);
    if (said.length === 0) throw notFound(`The configuration has no server or plugin "${name}"`);
    return {
      ...joinUpstream(said),
      running: said.reduce((total, { value }) => total + value.running, 0),
      log: [...linesAfter(log, 0, { server: name })].slice(-LOG_LINES),
      ...joinStderr(said),
    };
  };
  const calls = async ({ query }: ApiRequest): Promise<CallList> => {
    const { limit, before } = readCallFilter(query);
    const places = before === undefined ? undefined : readPlaces(before);
    return joinCalls(await processes.all<CallList>((number) => queryOf(query, places, number)), places, limit);
  };
  /** What one of them alone knows. */
  const find = async <T>(path: string, none: string, body?: unknown): Promise<T> => {
    const method = body === undefined ? 'GET' : 'POST';
    const [said] = await processes.all<T>(path, { method, ...(body !== undefined && { body }) });
    if (!said) throw notFound(none);
    return said.value;
  };
  const disconnect = async (request: ApiRequest): Promise<Disconnected> => {
    const { visitor, body } = request;
    const question = { method: 'POST', path: '/console/api/connections/disconnect', body };
    const answers = await processes.pass(question, visitor, 'each');
    const done = answers.map((answer) => parseJson(answer.body) as Disconnected);
    return done.find(({ message }) => message !== NO_LOGIN) ?? { message: NO_LOGIN };
  };
  return [
    look('overview', async () => {
      const said = await processes.some<Overview>('overview');
      // Who has ended meanwhile is counted among those already.
      const serving = new Set(processes.serving.map(({ number }) => number));
      return joinOverviews(said, { ...own(), totals: counts.total(said.filter(({ number }) => serving.has(number))) });
    }),
    look('upstreams', async (): Promise<UpstreamList> => {
      const said = await processes.some<UpstreamList>('upstreams');
      return { upstreams: joinUpstreams(said.map(({ number, value }) => ({ number, value: value.upstreams }))) };
    }),
    look('upstreams/:name', ({ params: { name = '' } }) => detail(name)),
    passHandler(processes, 'POST', 'upstreams/:name/:action', 'each'),
    look('calls', calls),
    look('calls/:id', ({ params: { id = '' } }) =>
      find<CallDetail>(
        `calls/${encodeURIComponent(id)}`,
        'There is no call of this id, or no longer: each process keeps the last 1,000 until it ends',
      ),
    ),
    look('policy', async () => joinPolicies(await processes.some<Policy>('policy'))),
    {
      method: 'POST',
      path: 'policy/explain',
      role: 'viewer',
      handle: ({ body = {} }) =>
        find<ExplainedDecision>(
          'policy/explain',
          'There is no decision of this id, or no longer: each process keeps the last 500 until it ends',
          body,
        ),
    },
    look('connections', async () => joinConnections(await processes.some<ConnectionList>('connections'))),
    { method: 'POST', path: 'connections/disconnect', role: 'operator', handle: disconnect },
  ];
}

const NO_LOGIN = 'There was no login.';

/** What the programs of all have written, in order, with the process of each line. */
function joinStderr(said: readonly Said<UpstreamDetail>[]): Pick<UpstreamDetail, 'stderr'> {
  if (said.every(({ value }) => value.stderr === undefined)) return {};
  const lines = said.flatMap(({ number, value }) =>
    (value.stderr ?? []).map(({ time, text }) => ({ time, text: said.length > 1 ? `[${number}] ${text}` : text })),
  );
  return { stderr: lines.toSorted((one, other) => one.time - other.time) };
}
