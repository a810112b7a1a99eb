import { Readable } from 'node:stream';
import { PROTOCOL_VERSION_META_KEY, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { parseJson } from '../json.ts';
import {
  Answers,
  type AskOptions,
  type DirectTransport,
  isAnswer,
  type RequestFrame,
  resultOf,
} from './direct-transport.ts';
import { firstEvent } from './first-event.ts';
import { httpFetch, STANDARD_HEADERS, sendHttp } from './http-fetch.ts';
import { isObject, type JsonObject } from './message.ts';
import { encodeHeader } from './param-headers.ts';

/** The argument that the header `Mcp-Name` repeats. Source: MCP specification 2026-07-28, "Transports". */
const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/**
 * Streamable HTTP on which a request that is answered at once, in one frame, does not meet the SDK. Every other answer (a
 * stream of more, a refusal, something odd) is handed to the SDK as if it had sent the request itself.
 */
export class HttpTransport extends StreamableHTTPClientTransport implements DirectTransport {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #answers = new Answers();
  /** Answers on their way to the SDK, by the body of their request; its id makes it unique. */
  readonly #handedOver: Map<unknown, Response>;

  constructor(url: URL, headers: Readonly<Record<string, string>>) {
    const handedOver = new Map<unknown, Response>();
    super(url, {
      requestInit: { headers },
      fetch: async (to, init = {}) => {
        const answer = handedOver.get(init.body);
        handedOver.delete(init.body);
        return answer ?? httpFetch(to, init);
      },
    });
    this.#url = url;
    this.#handedOver = handedOver;
    const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    this.#headers = {
      ...STANDARD_HEADERS,
      ...Object.fromEntries(lowerCase),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
  }

  async ask(frame: RequestFrame, options: AskOptions): Promise<JsonObject> {
    const body = JSON.stringify(frame);
    const { signal } = options;
    const headers = { ...this.#headers, ...options.headers, ...this.#headersOf(frame) };
    const answer = await sendHttp(this.#url, { method: 'POST', headers, body, signal });
    const type = answer.status === 200 ? answer.headers.get('content-type') : null;
    if (type?.startsWith('application/json')) {
      const said: unknown = await answer.json();
      if (isAnswer(said) && said.id === frame.id) return resultOf(said);
      return this.#handOver(frame, body, Response.json(said), options);
    }
    if (!type?.startsWith('text/event-stream')) return this.#handOver(frame, body, answer, options);
    const { data, whole, drain } = await firstEvent(answer.stream).catch((error: unknown) => {
      options.onLost();
      throw error;
    });
    const said = data === undefined ? undefined : parseJson(data);
    if (!isAnswer(said) || said.id !== frame.id) return this.#handOver(frame, body, toStream(whole()), options);
    drain();
    return resultOf(said);
  }

  take(frame: unknown): boolean {
    return this.#answers.take(frame);
  }

  async #handOver(
    frame: RequestFrame,
    body: string,
    answer: Response,
    { signal, headers, onLost }: AskOptions,
  ): Promise<JsonObject> {
    const { result, fail } = this.#answers.expect(frame.id, signal);
    this.#handedOver.set(body, answer);
    try {
      const more = { requestSignal: signal, onRequestStreamEnd: onLost, ...(headers && { headers }) };
      await this.send(frame as Parameters<typeof this.send>[0], more);
    } catch (error) {
      fail(error);
    } finally {
      this.#handedOver.delete(body);
    }
    return result;
  }

  #headersOf({ method, params }: RequestFrame): Record<string, string> {
    const { sessionId, protocolVersion } = this;
    const meta = params?._meta;
    const version = isObject(meta) ? meta[PROTOCOL_VERSION_META_KEY] : undefined;
    const headers: Record<string, string> = {};
    if (sessionId !== undefined) headers['mcp-session-id'] = sessionId;
    if (typeof version !== 'string')
      return protocolVersion ? { ...headers, 'mcp-protocol-version': protocolVersion } : headers;
    headers['mcp-protocol-version'] = version;
    headers['mcp-method'] = method;
    const name = Object.hasOwn(NAMED_BY, method) ? params?.[NAMED_BY[method] ?? ''] : undefined;
    if (typeof name === 'string') headers['mcp-name'] = encodeHeader(name);
    return headers;
  }
}

function toStream(events: Readable): Response {
  const headers = { 'content-type': 'text/event-stream' };
  return new Response(Readable.toWeb(events) as ReadableStream<Uint8Array>, { headers });
}
