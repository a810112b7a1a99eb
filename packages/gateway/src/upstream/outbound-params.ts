import { withEnvelope, withoutEnvelope } from '../protocol/envelope.ts';
import type { Era } from '../protocol/era.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { bareCapabilities } from '../protocol/peer.ts';

/** How the gateway introduces itself to a server where it asks for nobody in particular. */
export interface OwnIdentity {
  readonly clientInfo: ObjectText;
  readonly capabilities: ObjectText;
}

/**
 * The parameters of a request as a server of this era gets them: progress is reported under the request's own id, and modern
 * servers learn with each request who asks; legacy ones learnt it in the handshake.
 */
export function outboundParams(
  era: Era,
  id: number,
  params: ObjectText | undefined,
  exchange: Exchange | undefined,
  own: OwnIdentity,
): ObjectText | undefined {
  const peer = exchange?.peer;
  const isModernPeer = peer?.era === 'modern';
  const isOpen = exchange?.saysNothingOfItself !== true;
  const reports = exchange?.progressToken !== undefined;
  if (era === 'legacy') {
    const bare = isModernPeer && params ? withoutEnvelope(params) : params;
    return reports ? withProgressToken(bare, id) : bare;
  }
  // What a modern client says of itself is what its server is to be told.
  if (isOpen && isModernPeer && peer.clientInfo && params) return reports ? withProgressToken(params, id) : params;
  const given = params ?? ObjectText.EMPTY;
  // A legacy client that has not chosen a level gets what the server sends; none would mean silence.
  const level = peer?.logLevel ?? (peer?.era === 'legacy' ? 'debug' : undefined);
  const clientInfo = (isOpen ? peer?.clientInfo : undefined) ?? own.clientInfo;
  const capabilities = peer ? (isOpen ? peer.capabilities : bareCapabilities(peer)) : own.capabilities;
  const meta = withEnvelope(given.object('_meta') ?? ObjectText.EMPTY, clientInfo, capabilities, level);
  const said = given.with('_meta', meta);
  return reports ? withProgressToken(said, id) : said;
}

function withProgressToken(params: ObjectText | undefined, id: number): ObjectText {
  const given = params ?? ObjectText.EMPTY;
  const meta = given.object('_meta') ?? ObjectText.EMPTY;
  return given.with('_meta', meta.with('progressToken', Buffer.from(String(id))));
}
