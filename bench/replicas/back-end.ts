import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface Frame {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly uri?: string;
    readonly arguments?: { readonly token?: string };
    readonly _meta?: { readonly progressToken?: unknown };
  };
  readonly result?: { readonly content?: { readonly said?: unknown } };
}

const TOOLS = ['echo', 'progress', 'ask', 'touch'].map((name) => ({
  name,
  inputSchema: { type: 'object', properties: { token: { type: 'string' } }, required: ['token'] },
  annotations: { readOnlyHint: name === 'echo', idempotentHint: name === 'echo' },
}));
const INTRODUCTION = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {}, resources: { subscribe: true } },
  serverInfo: { name: 'back-end', version: '1' },
};
const SCHEMA = { type: 'object', properties: { said: { type: 'string' } }, required: ['said'] };

/**
 * A legacy server over HTTP, written by hand. `echo` answers its token; `progress` says 1, 2, 3 before; `ask` asks its client, and answers the token with what that said; `touch`
 * tells of a change of the resource that the token names.
 */
export async function openBackEnd(): Promise<{ readonly url: string; close(): void }> {
  const streams = new Map<string, ServerResponse>();
  /** What is to be said in a session whose stream is not open yet. */
  const waiting = new Map<string, object[]>();
  const subscribed = new Map<string, Set<string>>();
  const asked = new Map<string, (said: unknown) => void>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = String(request.headers['mcp-session-id'] ?? '');
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      streams.set(session, response);
      for (const message of waiting.get(session) ?? []) tell(response, message);
      waiting.delete(session);
      response.once('close', () => streams.delete(session));
      return;
    }
    if (request.method !== 'POST') return void response.writeHead(200).end();
    const frame = JSON.parse(await text(request)) as Frame;
    if (frame.method === undefined || frame.id === undefined) {
      response.writeHead(202).end();
      asked.get(String(frame.id))?.(frame.result?.content?.said);
      return;
    }
    const answer = (result: object, headers = {}): void => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: frame.id, result });
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
    };
    const { uri = '' } = frame.params ?? {};
    switch (frame.method) {
      case 'initialize':
        return answer(INTRODUCTION, { 'mcp-session-id': randomUUID() });
      case 'tools/list':
        return answer({ tools: TOOLS });
      case 'resources/list':
        return answer({ resources: [] });
      case 'resources/templates/list':
        return answer({ resourceTemplates: [{ name: 'any', uriTemplate: 'bench://{+path}' }] });
      case 'resources/subscribe':
        subscribed.set(uri, (subscribed.get(uri) ?? new Set()).add(session));
        return answer({});
      case 'resources/unsubscribe':
        subscribed.get(uri)?.delete(session);
        return answer({});
      case 'tools/call':
        return call(frame, response);
      default:
        return answer({});
    }
  }

  async function call({ id, params }: Frame, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const token = params?.arguments?.token ?? '';
    let said = '';
    if (params?.name === 'progress') {
      for (const progress of [1, 2, 3]) {
        tell(response, {
          method: 'notifications/progress',
          params: { progressToken: params._meta?.progressToken, progress },
        });
        await new Promise(setImmediate);
      }
    }
    if (params?.name === 'ask') {
      const question = `q-${randomUUID()}`;
      const { promise, resolve } = Promise.withResolvers<unknown>();
      asked.set(question, resolve);
      response.once('close', () => resolve('nothing'));
      const message = {
        id: question,
        method: 'elicitation/create',
        params: { message: token, requestedSchema: SCHEMA },
      };
      tell(response, message);
      said = `:${await promise}`;
      asked.delete(question);
    }
    if (params?.name === 'touch') {
      for (const session of subscribed.get(token) ?? []) {
        const stream = streams.get(session);
        const message = { method: 'notifications/resources/updated', params: { uri: token } };
        if (stream) tell(stream, message);
        else waiting.set(session, [...(waiting.get(session) ?? []), message]);
      }
    }
    tell(response, { id, result: { content: [{ type: 'text', text: `${token}${said}` }] } });
    response.end();
  }

  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function tell(stream: ServerResponse, message: object): void {
  if (!stream.destroyed) stream.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
}
