import { RpcCode } from '../protocol/rpc-error.ts';
import { readBody, writeAnswer } from '../transport/http-answer.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import { refusal } from './refusal.ts';
import type { SseRequests } from './sse-requests.ts';

/** The two addresses of the oldest transport: the stream, and where frames are sent. */
export class SseEndpoint {
  readonly #requests: SseRequests;
  readonly #maxBodyBytes: number;

  constructor(requests: SseRequests, maxBodyBytes: number) {
    this.#requests = requests;
    this.#maxBodyBytes = maxBodyBytes;
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
    readBody(request, this.#maxBodyBytes, (body) => {
      if (body === 'too large')
        writeAnswer(response, refusal(413, RpcCode.refused, 'The message is too large'), headers);
      else if (body !== 'aborted') this.#requests.post(asked, body);
    });
  }
}
