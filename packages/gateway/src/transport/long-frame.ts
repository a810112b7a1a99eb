import { longAnswerId } from '../protocol/frame/long-answer-id.ts';
import { longAsk } from '../protocol/frame/long-ask.ts';
import { MAX_LINE_BYTES, tooLongAnswer } from './line-reader.ts';
import { type LinkEvents, TooLongAnswerError } from './server-link.ts';

/**
 * Tells of a frame that was too long and was passed over.
 *
 * @param begin - Its first bytes.
 * @param end - Its last ones.
 * @returns False where they do not say what it was: nobody was told.
 */
export function tellLongFrame(events: LinkEvents, begin: Buffer, end: Buffer): boolean {
  const id = longAnswerId(begin, end);
  if (id !== undefined && events.tooLong) {
    events.tooLong(id, new TooLongAnswerError(tooLongAnswer('It', MAX_LINE_BYTES)));
    return true;
  }
  const asked = id === undefined ? longAsk(begin, end) : undefined;
  if (!asked || !events.tooLongAsked) return false;
  events.tooLongAsked(asked.id, MAX_LINE_BYTES);
  return true;
}
