import type { ApiError } from '../../src/console/api.ts';
import { csrf, signedOut } from './credentials.ts';

/** The gateway's no, or that it does not answer. */
export class ApiFailure extends Error {
  override name = 'ApiFailure';
  readonly code: string;
  readonly remedy: string | undefined;

  constructor({ code, message, remedy }: ApiError['error']) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}

/**
 * Asks the gateway.
 *
 * @param path - Below `/console/api/`.
 * @param body - Sent as JSON; what changes something carries the session's CSRF token.
 * @throws ApiFailure; its code is `UNREACHABLE` where nothing answers.
 */
export async function request<T>(
  path: string,
  {
    method = 'GET',
    body,
    signal,
  }: { method?: 'GET' | 'POST' | 'PUT' | 'DELETE'; body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET') headers['x-lockgate-csrf'] = csrf();
  const sent: RequestInit = { method, headers, credentials: 'same-origin', redirect: 'error', cache: 'no-store' };
  if (body !== undefined) sent.body = JSON.stringify(body);
  if (signal) sent.signal = signal;
  const response = await fetch(`/console/api/${path}`, sent).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiFailure(UNREACHABLE);
  });
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  const answer = parsed(text);
  if (response.ok && answer !== undefined) {
    const process = response.headers.get('lockgate-worker');
    if (process !== null && typeof answer === 'object' && answer !== null) processes.set(answer, process);
    return answer as T;
  }
  const failure = new ApiFailure(isApiError(answer) ? answer.error : strange(response.status));
  // Signing in is refused with the same status: that is no end of a session.
  if (response.status === 401 && path !== 'session') signedOut();
  throw failure;
}

const processes = new WeakMap<object, string>();

/** Number of the process that gave an answer, of a gateway that has several, where another might have given another; undefined of what is so in all. */
export function processOf(answer: unknown): string | undefined {
  return typeof answer === 'object' && answer !== null ? processes.get(answer) : undefined;
}

const UNREACHABLE = {
  code: 'UNREACHABLE',
  message: 'The gateway does not answer.',
  remedy: 'Is it still running? `lockgate status` on its machine tells. This page goes on by itself once it is back.',
};

function strange(status: number): ApiError['error'] {
  return {
    code: 'UNEXPECTED',
    message: `The gateway answered with status ${status} and no reason.`,
    remedy: 'If a proxy stands in front of it, its log says more; else the log of the gateway.',
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isApiError(answer: unknown): answer is ApiError {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return false;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}
