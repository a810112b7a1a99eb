import { type HttpAnswer, writeAnswer } from './http-answer.ts';
import type { HttpResponse } from './http-contract.ts';

interface Ready {
  readonly response: HttpResponse;
  readonly answer: HttpAnswer;
  readonly more: Readonly<Record<string, string>>;
}

let ready: Ready[] = [];

/**
 * Writes a whole answer once everything that had come when this turn of the event loop began has been read. A write wakes whoever
 * reads: between two reads it costs more than behind another write. What waits for it does so for no longer than the turn takes.
 */
export function writeAnswerAtTurnEnd(
  response: HttpResponse,
  answer: HttpAnswer,
  more: Readonly<Record<string, string>>,
): void {
  if (ready.length === 0) setImmediate(writeAll);
  ready.push({ response, answer, more });
}

function writeAll(): void {
  const all = ready;
  ready = [];
  for (const { response, answer, more } of all) {
    try {
      writeAnswer(response, answer, more);
    } catch (error) {
      // One that cannot be written ends its own connection, and keeps no other back.
      response.destroy(error as Error);
    }
  }
}
