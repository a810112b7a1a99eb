import { API_HEADERS } from '../console/answer-api.ts';
import { ANSWERED, type ApiHandler, type ApiRequest } from '../console/api-handler.ts';
import { writeAnswer } from '../transport/http-answer.ts';
import { whenOver } from '../transport/when-over.ts';
import type { AskedProcesses } from './asked-processes.ts';

/** What is one truth for all of them, whichever is asked: who may do what, by the configuration, and calls that wait. */
const ONE_TRUTH = /^\/console\/api\/(?:access|approvals)(?:[/?]|$)/;

/** Names the process whose answer it is, where another one might have given another. */
const WORKER_HEADER = 'lockgate-worker';

/**
 * Lets processes answer what is asked, for whoever asks: they look at who may. Of several answers it is the first that is a refusal, or else the first.
 *
 * @param whom - `first`, or what is done in `each`.
 */
export function passHandler(
  processes: AskedProcesses,
  method: ApiHandler['method'],
  path: string,
  whom: 'first' | 'each',
): ApiHandler {
  return { method, path, role: 'viewer', handle: (asked) => pass(processes, asked, whom) };
}

async function pass(
  processes: AskedProcesses,
  { request, response, body, visitor }: ApiRequest,
  whom: 'first' | 'each',
): Promise<typeof ANSWERED> {
  const { method = 'GET', url = '/' } = request;
  const gone = new AbortController();
  whenOver(response, () => gone.abort());
  const question = { method, path: url, signal: gone.signal, ...(body !== undefined && { body }) };
  const answers = await processes.pass(question, visitor, whom).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
  });
  const [first] = answers ?? [];
  if (!answers || !first) return ANSWERED;
  const { number, status, type, body: given } = answers.find((answer) => answer.status >= 400) ?? first;
  const headers: Record<string, string> = { ...API_HEADERS };
  if (type === undefined) delete headers['content-type'];
  else headers['content-type'] = type;
  if (whom === 'first' && !ONE_TRUTH.test(url)) headers[WORKER_HEADER] = String(number);
  writeAnswer(response, { status, headers, ...(given !== '' && { body: given }) }, {});
  return ANSWERED;
}
