import type { Found } from '../catalog/catalog.ts';
import { isObject, type JsonObject } from '../upstream/message.ts';
import type { Exchange } from '../upstream/peer.ts';
import type { CallMonitor } from './call-monitor.ts';
import { toToolError } from './outcome.ts';
import type { Served } from './served.ts';

/**
 * One tool call, from the name that was found to the result for the client: the monitor, the limits of the server
 * (breaker, retries, deadline), the server itself. What goes wrong on the gateway's side comes back as an error result,
 * because it is the model that has to do something about it; JSON-RPC errors of the server pass as they are.
 */
export async function callTool(
  { source, ownName, item }: Found<Served>,
  params: JsonObject,
  exchange: Exchange,
  monitor: CallMonitor,
): Promise<JsonObject> {
  const { peer, signal } = exchange;
  const agent = { principal: peer.caller.name, session: peer.key };
  const call = { server: source.name, agent, tool: ownName, args: params.arguments ?? {}, signal };
  const message = { method: 'tools/call', params: { ...params, name: ownName } };
  try {
    return await monitor.guarded(call, () => source.forwarder.forward(message, exchange, isRepeatable(item)));
  } catch (error) {
    return toToolError(error);
  }
}

/** Source: MCP specification, "Tools", annotations. */
function isRepeatable({ annotations }: JsonObject): boolean {
  return isObject(annotations) && (annotations.readOnlyHint === true || annotations.idempotentHint === true);
}
