import type { ObjectText } from '../protocol/frame/object-text.ts';
import { type Bytes, byteLengthOf, writeNotification } from '../protocol/frame/write-frame.ts';
import type { Message } from '../protocol/message.ts';
import { inOwnMemory } from '../transport/join-parts.ts';

interface Written {
  readonly method: string;
  readonly frame: Bytes;
}

const written = new WeakMap<ObjectText, Written>();

/**
 * The frame of a notification, in memory of its own and the same for all sessions that are told it: each would otherwise write it,
 * and keep it, once more.
 */
export function sharedFrame({ method, params }: Message): Bytes {
  if (!params) return writeNotification(method);
  const known = written.get(params);
  if (known?.method === method) return known.frame;
  const bytes = writeNotification(method, params);
  const frame = [inOwnMemory(bytes, byteLengthOf(bytes))];
  written.set(params, { method, frame });
  return frame;
}
