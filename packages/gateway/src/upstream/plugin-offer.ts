import type { ToolDefinition } from '@lockgate/abi';
import { EMPTY_OFFER, type ListName, type Offer } from '../catalog/offer.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { isObject, type JsonObject } from '../protocol/message.ts';
import type { RpcError } from '../protocol/rpc-error.ts';
import type { LeftOut } from './left-out.ts';
import { toRpcError } from './plugin-failure.ts';
import type { PluginFeatures } from './plugin-handle.ts';
import { toMcpTool } from './plugin-tools.ts';

/** The lists beside that of tools, and the methods that give them. */
const LISTS: readonly (readonly [ListName, string])[] = [
  ['prompts', 'prompts/list'],
  ['resources', 'resources/list'],
  ['resourceTemplates', 'resources/templates/list'],
];

const LIST_CHANGED = { listChanged: true };

export interface ReadPluginOffer {
  readonly definitions: readonly ToolDefinition[];
  readonly features: PluginFeatures;
  /** One of its methods, as the plugin answers it. */
  readonly ask: (method: string) => Promise<JsonObject>;
  readonly leftOut: LeftOut;
}

/** What a plugin offers. A list that it fails to give costs that list alone; what strict clients would refuse is left out. */
export async function readPluginOffer(options: ReadPluginOffer): Promise<Offer> {
  const { definitions, features, ask, leftOut } = options;
  const offer: Offer = {
    ...EMPTY_OFFER,
    capabilities: capabilitiesOf(features),
    tools: definitions.map((definition) => ObjectText.from(toMcpTool(definition))),
  };
  const asked = LISTS.filter(([, method]) => features.methods.includes(method));
  if (asked.length === 0) return offer;
  const read: Partial<Record<ListName, readonly ObjectText[]>> = {};
  const failed: Partial<Record<ListName, RpcError>> = {};
  for (const [list, method] of asked) {
    try {
      const { [list]: items } = await ask(method);
      const objects = Array.isArray(items) ? items.filter(isObject).map((item) => ObjectText.from(item)) : [];
      read[list] = leftOut.reachable(list, leftOut.rest(list, objects, 'legacy'));
    } catch (error) {
      failed[list] = toRpcError(error);
    }
  }
  return { ...offer, ...read, failed };
}

function capabilitiesOf({ methods, usesFunctions }: PluginFeatures): ObjectText {
  const has = (area: string): boolean => methods.some((method) => method.startsWith(`${area}/`));
  return ObjectText.from({
    tools: LIST_CHANGED,
    ...(has('prompts') && { prompts: LIST_CHANGED }),
    ...(has('resources') && { resources: { ...LIST_CHANGED, subscribe: true } }),
    ...(has('completion') && { completions: {} }),
    ...(usesFunctions && { logging: {} }),
  });
}
