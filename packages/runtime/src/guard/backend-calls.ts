import { decodeBackendArguments } from '@lockgate/abi';
import type { GuardOptions } from '../options.ts';

/**
 * The guarded server as guards call it: the arguments come as JSON, and what is no answer in bytes is a failure.
 * Source: ABI.md §2, "Imports".
 */
export function backendCalls(
  callBackend: GuardOptions['callBackend'],
): (tool: string, args: string, signal: AbortSignal) => Promise<Uint8Array> {
  return async (tool, args, signal) => {
    const answer = await callBackend(tool, decodeBackendArguments(args), signal);
    if (!(answer instanceof Uint8Array)) throw new TypeError('Expected "callBackend" to answer with a Uint8Array.');
    return answer;
  };
}
