import type { Endpoint } from '../call/endpoint.ts';
import { isRepeatable } from '../call/is-repeatable.ts';
import type { Frame, RequestFrame } from '../protocol/frame/frame.ts';
import type { FrameError } from '../protocol/frame/frame-error.ts';
import { factsOf } from '../protocol/methods.ts';
import type { Caller } from '../protocol/peer.ts';
import { silentPeer } from '../protocol/silent-peer.ts';

/** Whether all that is asked for may be done twice. */
export async function areRepeatable(
  frames: Frame | readonly (Frame | FrameError)[],
  endpoint: Endpoint,
  caller: Caller,
): Promise<boolean> {
  const all = (Array.isArray(frames) ? frames : [frames]) as readonly (Frame | FrameError)[];
  for (const frame of all)
    if (!('kind' in frame) || frame.kind !== 'request' || !(await isRepeatableRequest(frame, endpoint, caller)))
      return false;
  return true;
}

async function isRepeatableRequest(
  { method, params }: RequestFrame,
  endpoint: Endpoint,
  caller: Caller,
): Promise<boolean> {
  if (method !== 'tools/call') return factsOf(method)?.repeatable === true;
  // What everybody is offered; to find out what this client is would open a connection of its own.
  const catalog = await endpoint.catalog(silentPeer('', caller));
  const tool = catalog.tool(params?.text('name') ?? '');
  return tool !== undefined && isRepeatable(tool.item);
}
