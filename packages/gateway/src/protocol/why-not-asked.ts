import type { ObjectText } from './frame/object-text.ts';
import { RpcCode, RpcError } from './rpc-error.ts';

/** What a client must say that it can do, to be asked this. Servers may ask nothing else. */
const CAPABILITIES: Readonly<Record<string, string>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};

/**
 * The error that a server is told instead of the client's answer, where the client cannot be asked this; undefined where it can.
 * Source: MCP specification, "Capabilities"; of the codes: "Sampling", "Roots" and "Elicitation", error handling.
 *
 * @param mode - How an elicitation is to be done. Absent where it names no way, which means a form.
 */
export function whyNotAsked(method: string, mode: unknown, capabilities: ObjectText): RpcError | undefined {
  const name = Object.hasOwn(CAPABILITIES, method) ? CAPABILITIES[method] : undefined;
  const capability = name === undefined ? undefined : capabilities.object(name);
  if (capability === undefined)
    return RpcError.of(RpcCode.methodNotFound, `the client does not take ${name ?? method}`);
  if (name !== 'elicitation') return undefined;
  if (mode === 'url') return capability.has('url') ? undefined : cannot('opens no addresses');
  return capability.has('url') && !capability.has('form') ? cannot('fills in no forms') : undefined;
}

function cannot(why: string): RpcError {
  return RpcError.of(RpcCode.invalidParams, `the client ${why}`);
}
