import { seesAll } from '../protocol/peer.ts';
import { RpcCode } from '../protocol/rpc-error.ts';
import { StateError } from '../state/state-error.ts';
import type { HttpAnswer } from '../transport/http-answer.ts';
import type { PageRequest } from './page-route.ts';
import { refusal } from './refusal.ts';

export interface CallerResetOptions {
  /** Gives up labels and counts of a caller's requests without a session; false where there were none. */
  readonly reset: (caller: string) => Promise<boolean>;
  /** Told of each caller that was reset, and who did it. */
  readonly onReset: (caller: string, by: string) => void;
}

const ONLY_POST = 'Labels are given up by POST';
const NO_CALLER = 'Name the caller: POST /monitor/reset?caller=<name>, the name as the audit log has it ("principal")';
const NEEDS_ALL_SERVERS =
  'Labels hold for every server; ask with a credential that has no "servers", "roles" or "profile" of its own';
const NOT_ITSELF =
  'Nobody gives up labels of its own, or an agent could: ask with the credential of somebody else. Where the gateway asks for no credential, start it anew instead';

/**
 * The operator's way to give up what a caller has read without a session. An agent must not have it: it takes a credential for all servers, and another one
 * than that of the caller who is reset. Source: DIFC.md, "Every way".
 */
export function callerReset({ reset, onReset }: CallerResetOptions): (page: PageRequest) => Promise<HttpAnswer> {
  return async ({ request, caller: by }) => {
    if (request.method !== 'POST') return refusal(405, RpcCode.refused, ONLY_POST, undefined, { allow: 'POST' });
    if (!by || !seesAll(by)) return refusal(403, RpcCode.refused, NEEDS_ALL_SERVERS);
    const caller = new URL(request.url ?? '', 'http://gateway').searchParams.get('caller');
    if (!caller) return refusal(400, RpcCode.refused, NO_CALLER);
    if (caller === by.name) return refusal(403, RpcCode.refused, NOT_ITSELF);
    try {
      if (!(await reset(caller))) {
        return refusal(404, RpcCode.refused, 'This caller has read and counted nothing without a session');
      }
    } catch (error) {
      if (error instanceof StateError) return refusal(503, RpcCode.refused, error.message);
      throw error;
    }
    onReset(caller, by.name);
    return { status: 204 };
  };
}
