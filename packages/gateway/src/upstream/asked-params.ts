import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { JsonObject } from '../protocol/message.ts';

/** What a client must say that it can do, to be asked this. */
const CAPABILITIES: Readonly<Record<string, string>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};

/**
 * The parameters of a question as this client can take them.
 *
 * @throws Error that says what the client cannot do, where it cannot be asked. Source: MCP specification, "Capabilities".
 */
export function askedParams(method: string, params: JsonObject, capabilities: ObjectText): JsonObject {
  const name = CAPABILITIES[method];
  const capability = name === undefined ? undefined : capabilities.object(name);
  if (capability === undefined) throw new Error(`the client does not take ${name ?? method}`);
  if (name === 'elicitation') return elicitation(params, capability);
  return name === 'sampling' ? sampling(params, capability) : params;
}

function elicitation(params: JsonObject, capability: ObjectText): JsonObject {
  const isUrl = params.mode === 'url';
  if (isUrl && !capability.has('url')) throw new Error('the client opens no addresses');
  // One that names no way takes forms.
  if (!isUrl && capability.has('url') && !capability.has('form')) throw new Error('the client fills in no forms');
  return params;
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
