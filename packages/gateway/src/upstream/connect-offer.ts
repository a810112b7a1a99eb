import { EMPTY_OFFER, type Offer } from '../catalog/offer.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { JsonObject } from '../protocol/message.ts';

/** The one tool of a server that nobody has logged in to, so that a model can say what is missing. */
export const CONNECT_TOOL = 'connect';

/** What a server offers of which nothing is known yet, since it wants a login. */
export function connectOffer(server: string): Offer {
  const tool: JsonObject = {
    name: CONNECT_TOOL,
    title: `Log in to ${server}`,
    description: `The server "${server}" needs a login before it shows its tools. Gives the address at which the user logs in with a browser; the tools come by themselves afterwards.`,
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
    annotations: { readOnlyHint: true, openWorldHint: false },
  };
  return {
    ...EMPTY_OFFER,
    capabilities: ObjectText.from({ tools: { listChanged: true } }),
    tools: [ObjectText.from(tool)],
    original: EMPTY_OFFER,
  };
}
