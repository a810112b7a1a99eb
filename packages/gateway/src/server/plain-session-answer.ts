import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';
import type { JsonObject } from '../upstream/message.ts';
import { EventStream, STREAM_HEADERS, toEvent } from './event-stream.ts';
import type { TextAnswer } from './http-message.ts';
import type { CallFrames } from './plain-calls.ts';

/** Headers that leave nothing to be said about them. */
export function areHeadersPlain(headers: Headers): boolean {
  const accept = headers.get('accept') ?? '';
  const version = headers.get('mcp-protocol-version');
  const acceptsBoth = accept.includes('application/json') && accept.includes('text/event-stream');
  const isKnown = version === null || SUPPORTED_PROTOCOL_VERSIONS.includes(version);
  return headers.get('content-type') === 'application/json' && acceptsBoth && isKnown;
}

/** The answer to one call of a session: a stream, which is written in one piece where nothing is told before the end. */
export class PlainSessionAnswer implements CallFrames {
  readonly promise: Promise<Response | TextAnswer>;
  readonly #resolve: (answer: Response | TextAnswer) => void;
  readonly #headers: Readonly<Record<string, string>>;
  #stream: EventStream | undefined;

  constructor(session: string) {
    this.#headers = { 'mcp-session-id': session };
    const { promise, resolve } = Promise.withResolvers<Response | TextAnswer>();
    this.promise = promise;
    this.#resolve = resolve;
  }

  notify = (frame: JsonObject): void => {
    if (!this.#stream) {
      this.#stream = new EventStream(this.#headers);
      this.#resolve(this.#stream.response);
    }
    this.#stream.send(JSON.stringify(frame));
  };

  end = (frame: JsonObject | undefined): void => {
    const json = frame && JSON.stringify(frame);
    const text = json === undefined ? '' : toEvent(json);
    this.#resolve({ status: 200, headers: { ...STREAM_HEADERS, ...this.#headers }, text });
    if (json !== undefined) this.#stream?.send(json);
    this.#stream?.close();
  };
}
