import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Json = Record<string, unknown>;

/** One request as a test answers it. */
export interface Talk {
  readonly era: 'legacy' | 'modern';
  readonly id: unknown;
  readonly params: Json;
  readonly args: Json;
  /** Writes a message on the request's own stream. */
  tell(message: Json): void;
  /** Writes a message on the stream of the session, which belongs to no request. */
  tellSession(message: Json): void;
  /** Asks the client and resolves to the frame that it answers. */
  ask(message: Json): Promise<Json>;
}

export type Answer = { readonly result: Json } | { readonly error: Json };

/** What its one tool, "say", does, by the argument "kind". */
export type Kinds = Readonly<Record<string, (talk: Talk) => Answer | Promise<Answer>>>;

const CAPABILITIES = { tools: {}, logging: {}, resources: { subscribe: true } };
const SERVER_INFO = { name: 'talking', version: '1' };

/** A server over HTTP, of both eras or the legacy one alone, that says what a test wants, and keeps every frame that it is sent. */
export async function serveTalking(
  kinds: Kinds,
  { eras = ['legacy', 'modern'] as readonly string[], scheme = 's' } = {},
) {
  const received: string[] = [];
  let arrived = Promise.withResolvers<void>();
  const streams = new Map<string, ServerResponse>();
  const waiting = new Map<string, (frame: Json) => void>();
  const write = (to: ServerResponse | undefined, message: Json): void => {
    to?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
  };

  const own: Readonly<Record<string, (params: Json, era: string) => Answer>> = {
    initialize: () => ({
      result: { protocolVersion: '2025-11-25', capabilities: CAPABILITIES, serverInfo: SERVER_INFO },
    }),
    'server/discover': () => ({
      result: { supportedVersions: ['2026-07-28'], capabilities: CAPABILITIES, serverInfo: SERVER_INFO },
    }),
    ping: () => ({ result: {} }),
    'tools/list': () => ({ result: { tools: [{ name: 'say', inputSchema: { type: 'object' } }] } }),
    'resources/list': () => ({ result: { resources: [{ uri: `${scheme}://a`, name: 'a' }] } }),
    'resources/templates/list': () => ({
      result: { resourceTemplates: [{ uriTemplate: `${scheme}://{+any}`, name: 'any' }] },
    }),
    'resources/read': ({ uri }) => ({ result: { contents: [{ uri, text: 'contents' }] } }),
    'resources/subscribe': () => ({ result: {} }),
    'resources/unsubscribe': () => ({ result: {} }),
    'logging/setLevel': () => ({ result: {} }),
    'tasks/result': ({ taskId }) => says(`result of ${taskId}`),
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const session = request.headers['mcp-session-id']?.toString();
    if (request.method === 'GET' && session !== undefined) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      streams.set(session, response);
      return;
    }
    if (request.method !== 'POST') return void response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
    const body = await text(request);
    received.push(body);
    arrived.resolve();
    arrived = Promise.withResolvers();
    const frame = JSON.parse(body) as Json;
    const { id, method, params = {} } = frame as { id: unknown; method?: string; params?: Json };
    if (id === undefined || method === undefined) {
      waiting.get(String(id))?.(frame);
      return void response.writeHead(202).end();
    }
    const isModern = (params._meta as Json)?.['io.modelcontextprotocol/protocolVersion'] !== undefined;
    const era = isModern ? 'modern' : 'legacy';
    if (!eras.includes(era)) {
      response.writeHead(400, { 'content-type': 'application/json' });
      return void response.end(
        JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_601, message: 'Method not found' } }),
      );
    }
    const key = method === 'initialize' ? randomUUID() : session;
    response.writeHead(200, { 'content-type': 'text/event-stream', ...(key && { 'mcp-session-id': key }) });
    response.flushHeaders();
    if (method === 'subscriptions/listen') {
      const { notifications } = params;
      const meta = { 'io.modelcontextprotocol/subscriptionId': id };
      write(response, { method: 'notifications/subscriptions/acknowledged', params: { notifications, _meta: meta } });
      return;
    }
    const talk: Talk = {
      era,
      id,
      params,
      args: (params.arguments ?? {}) as Json,
      tell: (message) => write(response, message),
      tellSession: (message) => write(streams.get(key ?? ''), message),
      ask: (message) => {
        const { promise, resolve } = Promise.withResolvers<Json>();
        const question = `q${waiting.size}`;
        waiting.set(question, resolve);
        write(response, { id: question, ...message });
        return promise;
      },
    };
    const kind = kinds[String(talk.args.kind)];
    const found = method === 'tools/call' && kind ? await kind(talk) : own[method]?.(params, era);
    write(response, { id, ...completed(found ?? { error: { code: -32_601, message: 'Method not found' } }, era) });
    response.end();
  };

  const http = createServer((request, response) => void answer(request, response));
  const { promise, resolve } = Promise.withResolvers<void>();
  http.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    /** Every frame that it was sent, as it came. */
    received,
    /** Resolves when it has been sent this, whenever that was. */
    async until(words: string): Promise<void> {
      while (!received.some((frame) => frame.includes(words))) await arrived.promise;
    },
    [Symbol.asyncDispose]: async () => {
      http.close();
      http.closeAllConnections();
    },
  };
}

function completed(answer: Answer, era: string): Answer {
  if (era === 'legacy' || 'error' in answer) return answer;
  return { result: { resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...answer.result } };
}

/** A result with one text. */
export const says = (words: string, more: Json = {}): Answer => ({
  result: { content: [{ type: 'text', text: words }], ...more },
});

/** Asks for input with these words, in the way of the client's era, and then says that it was answered. */
export const asks =
  (message: string): Kinds[string] =>
  async ({ era, params, ask }) => {
    const question = {
      method: 'elicitation/create',
      params: { message, requestedSchema: { type: 'object', properties: {} } },
    };
    if (era === 'legacy') {
      const { error } = await ask(question);
      return says(error === undefined ? 'answered' : 'refused');
    }
    if (params.inputResponses !== undefined) return says('answered');
    return { result: { resultType: 'input_required', inputRequests: { one: question }, requestState: 'state' } };
  };
