import { type Frame, readFrames } from '../protocol/frame/frame.ts';
import type { FrameError } from '../protocol/frame/frame-error.ts';
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
 * @returns False where it is no frame, nor what is left of an answer.
 */
export function readBytes(bytes: Buffer, own: PendingRequest | undefined, options: ReadBytesOptions): boolean {
  const { strays, misreads, onFrame } = options;
  if (own === undefined && strays.takes(bytes)) return false;
  let read: Frame | readonly (Frame | FrameError)[];
  try {
    read = readFrames(bytes, { bom: true });
  } catch (error) {
    return misreads.take(bytes, error as Error, own);
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
