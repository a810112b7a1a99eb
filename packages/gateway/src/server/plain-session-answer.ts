import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';
import { CallAnswer } from './call-answer.ts';
import { STREAM_HEADERS, toEvent } from './event-stream.ts';
import type { CallFrames } from './plain-calls.ts';

/** Headers that leave nothing to be said about them. */
export function areHeadersPlain(headers: Headers): boolean {
  const accept = headers.get('accept') ?? '';
  const version = headers.get('mcp-protocol-version');
  const acceptsBoth = accept.includes('application/json') && accept.includes('text/event-stream');
  const isKnown = version === null || SUPPORTED_PROTOCOL_VERSIONS.includes(version);
  return headers.get('content-type') === 'application/json' && acceptsBoth && isKnown;
}

/** The frames of one call of a session; its answer is a stream also where it is written in one piece. */
export function sessionFrames(session: string): CallFrames & Pick<CallAnswer, 'promise'> {
  const own = { 'mcp-session-id': session };
  const answer = new CallAnswer(own);
  return {
    promise: answer.promise,
    notify: (frame) => answer.notify(frame),
    end: (frame) => {
      const json = frame && JSON.stringify(frame);
      const text = json === undefined ? '' : toEvent(json);
      answer.end(json, { status: 200, headers: { ...STREAM_HEADERS, ...own }, text });
    },
  };
}
