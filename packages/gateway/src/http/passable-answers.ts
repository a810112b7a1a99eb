import { type Frame, readFrames } from '../protocol/frame/frame.ts';
import type { FrameError } from '../protocol/frame/frame-error.ts';
import { writeError } from '../protocol/frame/write-frame.ts';
import { refusedAnswer } from '../protocol/refused-answer.ts';
import { MAX_PASSED_BYTES } from '../replicas/passing.ts';
import { whole } from '../transport/join-parts.ts';

const WHY = 'The client answered more than can be passed to the gateway that holds its session (8 MiB)';

/** What a client answers, or, where that is too large to be passed to another gateway, errors that stand for it: whoever has asked waits no longer. */
export function passableAnswers(body: Buffer): Buffer {
  if (body.length <= MAX_PASSED_BYTES) return body;
  const frames = readFrames(body, { bom: true });
  const all: readonly (Frame | FrameError)[] = Array.isArray(frames) ? frames : [frames];
  const errors = all.flatMap((frame) =>
    'id' in frame && frame.id !== undefined
      ? [whole(writeError(frame.id, refusedAnswer(frame.id, WHY).error)).toString()]
      : [],
  );
  return Buffer.from(Array.isArray(frames) ? `[${errors.join(',')}]` : errors.join());
}
