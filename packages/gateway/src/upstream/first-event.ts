import { Readable } from 'node:stream';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** The beginning of a stream of events. */
export interface FirstEvent {
  /** The data of the first event, where that is whole in the first piece, is alone there, and says nothing else. */
  readonly data: string | undefined;
  /** The stream from its beginning. */
  whole(): Readable;
  /** Reads what is left and forgets it, so that the connection can be used again. */
  drain(): void;
}

/**
 * Reads the first piece of a stream of events: most answers of servers that stream are one event in one piece.
 *
 * @throws when the stream breaks, or ends, before there is one.
 */
export async function firstEvent(stream: Readable): Promise<FirstEvent> {
  const pieces: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  const { value: first, done } = await pieces.next();
  if (done) throw new Error('the stream ended before its first event');
  return {
    data: onlyData(first),
    whole: () => Readable.from(chain(first, pieces)),
    drain: () => void readOut(pieces).catch(() => {}), // it broke, after what was wanted of it
  };
}

function onlyData(piece: Buffer): string | undefined {
  const text = piece.toString('utf8');
  if (!text.endsWith('\n\n')) return undefined;
  const events: EventSourceMessage[] = [];
  let others = false;
  const note = (): void => {
    others = true;
  };
  createParser({ onEvent: (event) => events.push(event), onRetry: note, onComment: note, onError: note }).feed(text);
  const [only] = events;
  const isPlain = events.length === 1 && !others && only?.id === undefined && (only?.event ?? 'message') === 'message';
  return isPlain ? only?.data : undefined;
}

async function* chain(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function readOut(pieces: AsyncIterator<Buffer>): Promise<void> {
  for (let next = await pieces.next(); !next.done; next = await pieces.next());
}
