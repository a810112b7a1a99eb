import { call, i64 } from './instructions.ts';
import { BACKEND_URL, type GuestTool } from './plugin-parts.ts';

const fetchThenEcho: GuestTool = {
  name: 'fetch-then-echo',
  body: (kit, scope) => {
    const request = scope.local('i64');
    const response = scope.local('i64');
    return [
      request.set(call(kit.join, kit.text(requestStart(BACKEND_URL)), kit.message, kit.text('"}'))),
      response.set(call(kit.hostHttp, request.get)),
      kit.release(request.get),
      kit.release(response.get),
      kit.data(kit.message),
    ];
  },
};

const fetchUrl: GuestTool = {
  name: 'fetch-url',
  body: (kit, scope) => {
    const request = scope.local('i64');
    const response = scope.local('i64');
    const answer = scope.local('i64');
    return [
      request.set(call(kit.join, kit.text(requestStart('')), kit.message, kit.text('"}'))),
      response.set(call(kit.hostHttp, request.get)),
      kit.release(request.get),
      answer.set(call(kit.join, kit.text('response:'), response.get, i64.const(0n))),
      kit.release(response.get),
      answer.get,
    ];
  },
};

function requestStart(url: string): string {
  return `{"method":"GET","url":"${url}`;
}

/** The tools of every guest that imports HTTP; what they do is told at `fetchEchoGuest`. */
export const FETCH_TOOLS: readonly GuestTool[] = [fetchThenEcho, fetchUrl];
