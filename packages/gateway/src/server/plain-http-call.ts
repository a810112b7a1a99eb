import { ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Dispatcher } from '../call/dispatcher.ts';
import { isObject, type JsonObject } from '../upstream/message.ts';
import { encodeHeader } from '../upstream/param-headers.ts';
import type { Peer } from '../upstream/peer.ts';
import { CallAnswer } from './call-answer.ts';
import type { TextAnswer } from './http-message.ts';
import { answerPlainCall, complete, isModernCall, isPlainCall, type ModernCall, REVISION } from './plain-call.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };

/** Whether a request is a plain call of the 2026 era whose headers say what its body says. */
export function isPlainHttpCall(body: JsonObject, headers: Headers): body is JsonObject & ModernCall {
  if (!isPlainCall(body) || headers.get('content-type') !== 'application/json') return false;
  const said = [headers.get('mcp-protocol-version'), headers.get('mcp-method'), headers.get('mcp-name')];
  const meant = [REVISION, body.method, encodeHeader(body.params.name)];
  return said.every((value, i) => value === meant[i]) && isModernCall(body);
}

/** Answers in one piece, or as a stream where something has to be told before the end. */
export function answerPlainHttpCall(
  call: ModernCall,
  signal: AbortSignal,
  dispatcher: Dispatcher,
  peer: Peer,
): Promise<Response | TextAnswer> {
  const answer = new CallAnswer();
  void answerPlainCall(call, dispatcher, {
    peer,
    signal,
    ask: peer.ask,
    notify: (frame) => answer.notify(frame),
    encode: (result) => complete(result, dispatcher.endpoint.infoFor(peer.caller)),
    end: (frame, error) => {
      const json = JSON.stringify(frame);
      answer.end(json, { status: statusOf(error), headers: JSON_HEADERS, text: json });
    },
  });
  return answer.promise;
}

/** Errors of handlers come with 200, but for the one that a client must mend before it asks again. */
function statusOf(error: unknown): number {
  return isObject(error) && error.code === ProtocolErrorCode.MissingRequiredClientCapability ? 400 : 200;
}
