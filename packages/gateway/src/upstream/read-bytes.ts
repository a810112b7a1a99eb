import { type Frame, readFrames } from '../protocol/frame/frame.ts';
import type { FrameError } from '../protocol/frame/frame-error.ts';
import { saysNothing } from '../protocol/frame/outermost-id.ts';
import type { MisreadFrames } from './misread-frames.ts';
import type { PendingRequest } from './pending-request.ts';
import type { StrayMessages } from './stray-messages.ts';

const NOTHING = Buffer.alloc(0);

export interface ReadBytesOptions {
  readonly strays: StrayMessages;
  readonly misreads: MisreadFrames;
  readonly onFrame: (frame: Frame, own: PendingRequest | undefined) => void;
}

/**
 * Reads what should be a frame, or a batch of them, of a server.
 *
 * @param own - The request on whose stream it came.
 * @param mayFollow - Whether more may come where it came: what is no message is passed over there.
 * @returns False where it is no frame, nor what is left of an answer.
 */
export function readBytes(
  bytes: Buffer,
  own: PendingRequest | undefined,
  mayFollow: boolean,
  options: ReadBytesOptions,
): boolean {
  const { strays, misreads, onFrame } = options;
  if (mayFollow && strays.takes(bytes)) return false;
  let read: Frame | readonly (Frame | FrameError)[];
  try {
    read = readFrames(bytes, { bom: true });
  } catch (error) {
    return misreads.take(bytes, error as Error, mayFollow && saysNothing(bytes) ? undefined : own);
  }
  if ('kind' in read) {
    onFrame(read, own);
    return true;
  }
  let isAny = false;
  // Source: MCP specification 2025-03-26, "Base protocol": whoever speaks it must take batches.
  for (const one of read) {
    if ('kind' in one) {
      onFrame(one, own);
      isAny = true;
    } else if (misreads.take(NOTHING, one, undefined)) isAny = true;
  }
  return isAny;
}
