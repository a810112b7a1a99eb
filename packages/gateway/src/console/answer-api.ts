import { LockgateError } from '@lockgate/abi/without-guests';
import { parseJson } from '../json.ts';
import type { Logger } from '../logger.ts';
import { readBody, writeAnswer } from '../transport/http-answer.ts';
import { mediaType } from '../transport/media-type.ts';
import { ApiFailure, badRequest } from './api-failure.ts';
import { ANSWERED, type ApiHandler, type ApiRequest, type Visitor } from './api-handler.ts';

import { isTooDeep, MOST_LEVELS } from './nesting.ts';

/** Largest body that is read, in bytes: a whole configuration fits. */
const MAX_BODY = 4 * 1024 * 1024;

/** Answers hold what others have written, as JSON and nothing that a browser would run or show. */
export const API_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'content-type': 'application/json; charset=utf-8',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Lets a handler answer, where its role allows it. */
export async function answerApi(handler: ApiHandler, asked: Omit<ApiRequest, 'body'>, logger: Logger): Promise<void> {
  const { request, response, visitor } = asked;
  try {
    mustBeAllowed(handler, visitor);
    const body = request.method === 'GET' ? undefined : await bodyOf(request);
    const value = await handler.handle({ ...asked, body });
    if (value === ANSWERED) return;
    if (value === undefined) writeAnswer(response, { status: 204, headers: withoutType() }, {});
    else writeJson(response, 200, value);
  } catch (error) {
    writeFailure(response, error, logger);
  }
}

export function writeJson(
  response: ApiRequest['response'],
  status: number,
  value: unknown,
  more: Readonly<Record<string, string>> = {},
): void {
  writeAnswer(response, { status, headers: { ...API_HEADERS, ...more }, body: JSON.stringify(value) }, {});
}

export function writeFailure(response: ApiRequest['response'], error: unknown, logger: Logger): void {
  const failure = toFailure(error, logger);
  writeJson(response, failure.status, failure.body, failure.headers);
}

/** Errors of Lockgate that are meant say it in words for people; others are faults, and only the log has them. */
function toFailure(error: unknown, logger: Logger): ApiFailure {
  if (error instanceof ApiFailure) return error;
  if (LockgateError.isInstance(error)) return new ApiFailure(409, error.code, error.message);
  logger.error({ err: error }, 'a request of the console could not be answered');
  return new ApiFailure(500, 'INTERNAL', 'This is a fault of Lockgate itself; its log says more');
}

function mustBeAllowed({ role, isLocal = false }: ApiHandler, visitor: Visitor): void {
  if (isLocal && visitor.via !== 'socket') {
    throw new ApiFailure(403, 'ROLE', 'This is for the admin socket of the machine alone');
  }
  if (role === 'viewer' || visitor.role === 'operator') return;
  throw new ApiFailure(403, 'ROLE', 'A viewer may look and change nothing', {
    remedy: 'Sign in as an operator: a key with "admin": "operator", or the link that the gateway prints',
  });
}

/** @throws ApiFailure for what is no JSON object, or too large. */
export async function bodyOf(request: ApiRequest['request']): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<Parameters<Parameters<typeof readBody>[2]>[0]>();
  readBody(request, MAX_BODY, resolve);
  const bytes = await promise;
  if (bytes === 'too large') {
    throw new ApiFailure(413, 'TOO_LARGE', `A body has at most ${MAX_BODY} bytes here`, {
      headers: { connection: 'close' },
    });
  }
  if (bytes === 'aborted' || bytes.length === 0) return undefined;
  if (mediaType(request.headers) !== 'application/json') {
    throw new ApiFailure(415, 'MEDIA_TYPE', 'A body is JSON: Content-Type must be application/json');
  }
  const text = bytes.toString('utf8');
  if (isTooDeep(text)) throw badRequest(`The body is nested too deeply: more than ${MOST_LEVELS} levels`);
  const body = parseJson(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ApiFailure(400, 'BAD_REQUEST', 'The body is no JSON object');
  }
  return body;
}

function withoutType(): Record<string, string> {
  const { 'content-type': _, ...headers } = API_HEADERS;
  return headers;
}
