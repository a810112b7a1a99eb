import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Json = Record<string, unknown>;
export type Answer = { readonly result: Json } | { readonly error: Json };

/** A call while its server works on it, for the test that decides what the server does. */
export interface ServedCall {
  /** Writes a frame on the call's own stream. */
  tell(message: Json): void;
  /** Asks the client; the answer, or the error, as it came. Never resolves where the call is given up instead. */
  ask(method: string, params: Json): Promise<Json>;
  /** The token for progress; undefined where nobody asked. */
  readonly progressToken: unknown;
  /** The session it came in; empty where there is none. */
  readonly session: string;
  readonly isModern: boolean;
  answer(answer: Answer): void;
}

type Leg = Pick<ServedCall, 'tell' | 'answer' | 'progressToken'>;

interface Asking {
  readonly key: string;
  answered(answer: Json): void;
}

const LISTS: Readonly<Record<string, Json>> = {
  'tools/list': { tools: [{ name: 'act', inputSchema: { type: 'object' } }] },
  'resources/list': { resources: [] },
  'prompts/list': { prompts: [{ name: 'act' }] },
  ping: {},
  'logging/setLevel': {},
  'resources/subscribe': {},
  'resources/unsubscribe': {},
};
const CAPABILITIES = { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} };
const MODERN = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };

/** Which call of the test a request is: a word in its parameters. */
export const callToken = (id: number): string => `~c${id}~`;

/**
 * Servers of a test in one process, over HTTP, one a path: "m" speaks the modern era, the others the legacy one. What each is sent is kept; what
 * calls do is up to the test.
 */
export class ScriptedServers {
  /** All that each server was sent. */
  readonly seen: Record<string, string> = {};
  url = '';
  readonly #calls = new Map<string, (call: ServedCall) => void>();
  readonly #asked = new Map<string, Asking>();
  readonly #legs = new Map<string, Leg>();
  readonly #sessions = new Map<string, ServerResponse>();
  readonly #http = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  #opened = Promise.withResolvers<void>();
  #ids = 0;

  async listen(): Promise<this> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#http.listen(0, '127.0.0.1', resolve);
    this.#http.keepAliveTimeout = 60_000;
    await promise;
    this.url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
    return this;
  }

  close(): void {
    this.#http.close();
    this.#http.closeAllConnections();
  }

  /** Resolves when a server gets this call. */
  arrival(id: number): Promise<ServedCall> {
    return new Promise((resolve) => this.#calls.set(callToken(id), resolve));
  }

  /** Writes a frame on the stream of a session that belongs to no request. */
  stray(session: string, message: Json): void {
    const stream = this.#sessions.get(session);
    if (!stream) throw new Error(`session ${session} has no stream`);
    tell(stream, message);
  }

  /** Resolves when a session opens its stream. */
  opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Sessions that have a stream, oldest first; each begins with the name of its server. */
  get openSessions(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const server = request.url?.slice(1) ?? '';
    const session = request.headers['mcp-session-id']?.toString() ?? '';
    if (request.method === 'GET' && server !== 'm') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      this.#sessions.set(session, response);
      this.#opened.resolve();
      this.#opened = Promise.withResolvers();
      response.once('close', () => this.#sessions.delete(session));
      return;
    }
    if (request.method !== 'POST') return void response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
    const body = await text(request);
    this.seen[server] = `${this.seen[server] ?? ''}${body}\n`;
    const frame = JSON.parse(body);
    if (frame.method === undefined) {
      response.writeHead(202).end();
      this.#asked.get(String(frame.id))?.answered(frame.result ?? { error: frame.error });
      return;
    }
    if (frame.id === undefined) return void response.writeHead(202).end();
    const json = (answer: Answer, headers = {}): void => {
      const done = 'result' in answer && server === 'm' ? { result: { ...MODERN, ...answer.result } } : answer;
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: frame.id, ...done }));
    };
    if (frame.method === 'initialize' && server !== 'm') {
      const serverInfo = { name: server, version: '1' };
      const result = { protocolVersion: '2025-11-25', capabilities: CAPABILITIES, serverInfo };
      return json({ result }, { 'mcp-session-id': `${server}-${randomUUID()}` });
    }
    if (frame.method === 'server/discover' && server === 'm') {
      return json({ result: { supportedVersions: ['2026-07-28'], capabilities: CAPABILITIES } });
    }
    const known = LISTS[frame.method];
    if (known) return json({ result: known });
    if (frame.method === 'resources/templates/list') {
      return json({ result: { resourceTemplates: [{ name: 'any', uriTemplate: `${server}://{+path}` }] } });
    }
    const token = /~c\d+~/.exec(body)?.[0] ?? '';
    const goesOn = this.#asked.get(token);
    const answers = frame.params?.inputResponses;
    if (goesOn && answers) {
      this.#asked.delete(token);
      this.#legs.set(token, this.#legOf(server, frame, response));
      return goesOn.answered(answers[goesOn.key] ?? {});
    }
    const arrived = this.#calls.get(token);
    if (!arrived) return json({ error: { code: -32601, message: 'Method not found' } });
    this.#calls.delete(token);
    arrived(this.#served(session, server, token, this.#legOf(server, frame, response)));
  }

  /** Where a call is answered: once it has been answered with a question, where it was sent again. */
  #legOf(server: string, frame: Json, response: ServerResponse): Leg {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const { _meta } = frame.params as { _meta?: { progressToken?: unknown } };
    return {
      progressToken: _meta?.progressToken,
      tell: (message) => tell(response, message),
      answer: (given) => {
        const done = 'result' in given && server === 'm' ? { result: { ...MODERN, ...given.result } } : given;
        tell(response, { id: frame.id, ...done });
        response.end();
      },
    };
  }

  #served(session: string, server: string, token: string, first: Leg): ServedCall {
    const isModern = server === 'm';
    const leg = (): Leg => this.#legs.get(token) ?? first;
    return {
      session,
      isModern,
      get progressToken() {
        return leg().progressToken;
      },
      tell: (message) => leg().tell(message),
      answer: (given) => leg().answer(given),
      ask: (method, asked) => {
        const { promise, resolve } = Promise.withResolvers<Json>();
        const key = `s${++this.#ids}`;
        this.#asked.set(isModern ? token : key, { key, answered: resolve });
        const question = { method, params: asked };
        if (!isModern) leg().tell({ id: key, ...question });
        else {
          const inputRequests = { [key]: question };
          leg().answer({ result: { resultType: 'input_required', inputRequests, requestState: `state-${key}` } });
        }
        return promise;
      },
    };
  }
}

function tell(stream: ServerResponse, message: Json): void {
  stream.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
}
