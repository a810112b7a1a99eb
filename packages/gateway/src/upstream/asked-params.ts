import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { JsonObject } from '../protocol/message.ts';
import { whyNotAsked } from '../protocol/why-not-asked.ts';

/**
 * The parameters of a question as this client can take them.
 *
 * @throws RpcError that says what the client cannot do, where it cannot be asked.
 */
export function askedParams(method: string, params: JsonObject, capabilities: ObjectText): JsonObject {
  const refusal = whyNotAsked(method, params.mode, capabilities);
  if (refusal) throw refusal;
  const capability = capabilities.object('sampling');
  return method === 'sampling/createMessage' && capability ? sampling(params, capability) : params;
}

function sampling({ tools, toolChoice, includeContext, ...params }: JsonObject, capability: ObjectText): JsonObject {
  const isContextGiven = includeContext !== undefined && includeContext !== 'none';
  return {
    ...params,
    ...(isContextGiven && capability.has('context') && { includeContext }),
    ...(capability.has('tools') && {
      ...(tools !== undefined && { tools }),
      ...(toolChoice !== undefined && { toolChoice }),
    }),
  };
}
