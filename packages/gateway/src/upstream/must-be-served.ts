import type { Offer } from '../catalog/offer.ts';
import type { Pins } from '../consent/pins.ts';
import { ToolWithheldError, UnknownNameError } from '../errors.ts';
import type { Message } from '../protocol/message.ts';

/** What is withheld of a server. */
export type WithheldTools = Pick<Pins, 'admit' | 'whyWithheld'>;

/**
 * Refuses a call of a tool that its server does not offer, or that is withheld. For calls that were on their way before anybody knew what is offered;
 * of others a catalogue has said so already.
 *
 * @param offer - What the server offers to this caller.
 * @throws GATEWAY_UNKNOWN_NAME, GATEWAY_WITHHELD; GATEWAY_STATE where it cannot be known what is approved.
 */
export async function mustBeServed(
  server: string,
  offer: Offer,
  { method, params }: Message,
  pins: WithheldTools,
): Promise<void> {
  if (method !== 'tools/call') return;
  const asked = params?.text('name') ?? '';
  const isServed = (tool: Offer['tools'][number]): boolean => tool.text('name') === asked;
  if ((await pins.admit(server, offer)).tools.some(isServed)) return;
  if (!offer.tools.some(isServed)) throw new UnknownNameError({ kind: 'tool', asked });
  const because = pins.whyWithheld(server, 'tool', asked) ?? 'new';
  throw new ToolWithheldError({ kind: 'tool', asked, server, because });
}
