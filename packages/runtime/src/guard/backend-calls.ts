import { decodeBackendArguments } from '@lockgate/abi';
import type { HostServices } from '../host/host-calls.ts';
import type { GuardOptions } from '../options.ts';

/**
 * The guarded server as guards call it: the arguments come as JSON, and what is no answer in bytes is a failure.
 * Source: ABI.md §2, "Imports".
 */
export function backendCalls(callBackend: GuardOptions['callBackend']): NonNullable<HostServices['backend']> {
  return async (tool, args, signal, caller) => {
    const answer = await callBackend(tool, decodeBackendArguments(args), signal, caller);
    if (!(answer instanceof Uint8Array)) throw new TypeError('Expected "callBackend" to answer with a Uint8Array.');
    return answer;
  };
}
