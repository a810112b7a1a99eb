import { type Frame, readFrames } from '../protocol/frame/frame.ts';
import { FrameError } from '../protocol/frame/frame-error.ts';
import { writeError } from '../protocol/frame/write-frame.ts';
import { classifyNotification, classifyRequest, type StandardHeaders } from '../protocol/inbound.ts';
import { misreadAnswer } from '../protocol/refused-answer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { CLOSING } from '../session/ended-requests.ts';
import { type HttpAnswer, jsonAnswer, type ReadBody, writeAnswer } from '../transport/http-answer.ts';
import type { LineEnds } from '../transport/line-ends.ts';
import { mediaType } from '../transport/media-type.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import { refusal } from './refusal.ts';
import type { SessionRequests } from './session-requests.ts';
import type { StatelessRequests } from './stateless-requests.ts';
import { type BodyLimit, readAnswerable, refuseLong } from './too-large.ts';

export interface McpRequestsOptions extends BodyLimit {
  readonly sessions: SessionRequests;
  readonly stateless: StatelessRequests;
  /** Whether new work is taken; answers of clients to what they were asked always are. */
  readonly isOpen: () => boolean;
}

/** Streamable HTTP at one address for clients of both eras: what they sent says which they speak. */
export class McpRequests {
  readonly #options: McpRequestsOptions;

  constructor(options: McpRequestsOptions) {
    this.#options = options;
  }

  /** Answers at once or later; rejects where it cannot. */
  serve(asked: EndpointRequest): Promise<void> | undefined {
    const { sessions, isOpen } = this.#options;
    switch (asked.request.method) {
      case 'POST':
        return this.#post(asked);
      case 'GET':
        return isOpen() ? sessions.get(asked) : closing(asked);
      case 'DELETE':
        return sessions.delete(asked);
      default: {
        const allowed = { allow: 'GET, POST, DELETE' };
        return answer(asked, refusal(405, RpcCode.refused, 'Method not allowed.', undefined, allowed));
      }
    }
  }

  #post(asked: EndpointRequest): Promise<void> | undefined {
    const { accepted, request } = asked;
    if (!accepted.json && !accepted.stream) {
      const message = 'Not Acceptable: Client must accept application/json or text/event-stream';
      return answer(asked, refusal(406, RpcCode.refused, message));
    }
    if (mediaType(request.headers) !== 'application/json') {
      const message = 'Unsupported Media Type: Content-Type must be application/json';
      return answer(asked, refusal(415, RpcCode.refused, message));
    }
    const { 'content-encoding': encoding } = request.headers;
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      const message = 'Unsupported Media Type: the body must not be compressed (Content-Encoding)';
      return answer(asked, refusal(415, RpcCode.refused, message, undefined, { 'accept-encoding': 'identity' }));
    }
    if ('body' in request) return this.#take(asked, request.body);
    return readAnswerable(request, this.#options.maxBodyBytes).then((body) => this.#take(asked, body));
  }

  #take(asked: EndpointRequest, body: ReadBody | LineEnds): Promise<void> | undefined {
    if (body === 'aborted') return undefined;
    const { sessions, stateless, isOpen, maxBodyBytes, onTooLarge } = this.#options;
    if (!Buffer.isBuffer(body)) {
      onTooLarge(asked);
      const { refused, answer: given } = refuseLong(body, maxBodyBytes);
      return given ? sessions.post({ ...asked, refused }, given.frame, given.bytes) : answer(asked, refused);
    }
    let frames: Frame | (Frame | FrameError)[];
    try {
      frames = readFrames(body, { bom: true });
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      const refused = jsonAnswer(400, writeError(error.id, RpcError.of(error.rpcCode, error.message).text));
      const misread = misreadAnswer(body, error);
      const isOfSession = misread && asked.request.headers['mcp-session-id'] !== undefined;
      return isOfSession ? sessions.post({ ...asked, refused }, misread, body) : answer(asked, refused);
    }
    const isWork = Array.isArray(frames) ? frames.some(isRequest) : isRequest(frames);
    if (isWork && !isOpen()) return closing(asked);
    if (Array.isArray(frames) || frames.kind === 'result' || frames.kind === 'error')
      return sessions.post(asked, frames, body);
    const headers = standardHeadersOf(asked);
    const inbound =
      frames.kind === 'request' ? classifyRequest(frames, headers) : classifyNotification(frames, headers);
    if (inbound.era === 'none') {
      const id = frames.kind === 'request' ? frames.id : undefined;
      return answer(asked, jsonAnswer(inbound.status, writeError(id, inbound.error.text)));
    }
    if (inbound.era === 'legacy') return sessions.post(asked, frames, body);
    // A modern notification has nothing to say to a gateway that keeps no session.
    if (frames.kind !== 'request' || !inbound.envelope) return answer(asked, { status: 202 });
    return stateless.post(asked, frames, inbound.envelope, body);
  }
}

function answer({ response, headers }: EndpointRequest, given: HttpAnswer): undefined {
  writeAnswer(response, given, headers);
}

function isRequest(frame: Frame | FrameError): boolean {
  return !(frame instanceof FrameError) && frame.kind === 'request';
}

/** What another gateway has passed on, that one does itself. */
function closing(asked: EndpointRequest): undefined {
  if (asked.decline) asked.decline();
  else answer(asked, jsonAnswer(503, writeError(undefined, CLOSING.text), { 'retry-after': '5' }));
}

function standardHeadersOf({ request: { headers } }: EndpointRequest): StandardHeaders {
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value.trim() : undefined;
  };
  return { version: text('mcp-protocol-version'), method: text('mcp-method'), name: text('mcp-name') };
}
