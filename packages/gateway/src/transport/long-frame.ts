import { longAnswerId } from '../protocol/frame/long-answer-id.ts';
import { longAsk } from '../protocol/frame/long-ask.ts';
import { MAX_LINE_BYTES, tooLongAnswer } from './line-reader.ts';
import { type LinkEvents, TooLongAnswerError } from './server-link.ts';

/** Requests to servers have ids of the gateway's own. */
const OWN_ID = /^[1-9]\d{0,14}$/;

/**
 * Tells of a frame that was too long and was passed over.
 *
 * @param begin - Its first bytes.
 * @param end - Its last ones.
 * @returns False where they do not say what it was: nobody was told.
 */
export function tellLongFrame(events: LinkEvents, begin: Buffer, end: Buffer): boolean {
  const id = longAnswerId(begin, end);
  if (id && OWN_ID.test(id.toString()) && events.tooLong) {
    events.tooLong(Number(id), new TooLongAnswerError(tooLongAnswer('It', MAX_LINE_BYTES)));
    return true;
  }
  const asked = id ? undefined : longAsk(begin, end);
  if (!asked || !events.tooLongAsked) return false;
  events.tooLongAsked(asked.id, MAX_LINE_BYTES);
  return true;
}
