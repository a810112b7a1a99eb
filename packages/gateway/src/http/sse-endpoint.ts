import { readFrames } from '../protocol/frame/frame.ts';
import { RpcCode } from '../protocol/rpc-error.ts';
import { type ReadBody, readBody, writeAnswer } from '../transport/http-answer.ts';
import { areAnswers } from './client-answers.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import type { Holder } from './holders.ts';
import { refusal } from './refusal.ts';
import type { SseRequests } from './sse-requests.ts';
import { type BodyLimit, readAnswerable, refuseLong } from './too-large.ts';

/** The two addresses of the oldest transport: the stream, and where frames are sent. */
export class SseEndpoint {
  readonly #requests: SseRequests;
  readonly #bodies: BodyLimit;
  readonly #elsewhere: Elsewhere;

  constructor(requests: SseRequests, bodies: BodyLimit, elsewhere: Elsewhere) {
    this.#requests = requests;
    this.#bodies = bodies;
    this.#elsewhere = elsewhere;
  }

  async serve(asked: EndpointRequest, transport: 'sse' | 'sse-messages', path: string): Promise<void> {
    const { request, response, headers } = asked;
    const expected = transport === 'sse' ? 'GET' : 'POST';
    if (request.method !== expected) {
      // Newer clients try this address first, and take 405 for what it says.
      const answer = refusal(405, RpcCode.refused, 'Method not allowed.', undefined, { allow: expected });
      return writeAnswer(response, answer, headers);
    }
    if (transport === 'sse') return this.#requests.get(asked, path.replace(/^\/sse/, '/messages'));
    const client = new URL(request.url ?? '/', 'http://localhost').searchParams.get('sessionId') ?? '';
    const body = await readAnswerable(request, this.#bodies.maxBodyBytes);
    if (body === 'aborted') return;
    if (Buffer.isBuffer(body)) return this.#post(asked, client, body);
    this.#bodies.onTooLarge(asked);
    const { refused, answer } = refuseLong(body, this.#bodies.maxBodyBytes);
    if (answer) await this.#post({ ...asked, refused }, client, answer.bytes);
    else writeAnswer(response, refused, headers);
  }

  /** The client's stream may be at another gateway. */
  async #post(asked: EndpointRequest, sseClient: string, body: Buffer): Promise<void> {
    const holder = (): Holder => this.#elsewhere.holders.ofSseClient(asked, sseClient);
    const here = (): void => this.#requests.post(asked, sseClient, body);
    const first = holder();
    if (first === undefined) here();
    else {
      const isAnswer = isAnswerOnly(body);
      await this.#elsewhere.pass({ asked, holder, sseClient, body, id: undefined, here, isAnswer }, first);
    }
  }

  /** A frame that another gateway has passed on. */
  async passed(asked: EndpointRequest, sseClient: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<ReadBody>();
    readBody(asked.request, this.#bodies.maxBodyBytes, resolve);
    const body = await promise;
    if (Buffer.isBuffer(body)) this.#requests.post(asked, sseClient, body);
  }
}

/** What cannot be read is refused by the gateway that holds the stream. */
function isAnswerOnly(body: Buffer): boolean {
  try {
    return areAnswers(readFrames(body, { bom: true }));
  } catch {
    return false;
  }
}
