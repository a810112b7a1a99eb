import { type Agent, request as httpRequest } from 'node:http';
import type { Json } from './scripted-servers.ts';

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/logLevel': 'debug',
};
const ASKED = { elicitation: { form: {} }, sampling: {} };

export interface RawClientOptions {
  /** Where each request goes. */
  readonly url: () => string;
  readonly key: string;
  readonly http: Agent;
  /** What it answers a question of a server; called with the question as text. */
  readonly onQuestion: (question: string) => Promise<Json>;
}

/** A client over HTTP that keeps every byte it is sent: one session, or requests without one. */
export class RawClient {
  /** All that it was sent, in order of arrival. */
  seen = '';
  /** The same, each answer and stream by itself, in order of the requests. */
  readonly streams: string[] = [];
  readonly #options: RawClientOptions;
  readonly #isModern: boolean;
  readonly #leaving = new AbortController();
  #session: Record<string, string> = {};
  #ids = 0;
  #arrived = Promise.withResolvers<void>();

  constructor(options: RawClientOptions, isModern: boolean) {
    this.#options = options;
    this.#isModern = isModern;
  }

  /** Begins the session and opens its stream. */
  async begin(): Promise<this> {
    if (this.#isModern) return this;
    const clientInfo = { name: 'raw', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: ASKED, clientInfo };
    const { session } = await this.#post({ id: 0, method: 'initialize', params });
    this.#session = { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
    await this.#post({ method: 'notifications/initialized' });
    const opened = Promise.withResolvers<void>();
    const over = this.#send('GET', undefined, this.#reader().take, opened.resolve);
    over.catch(() => {});
    await Promise.race([opened.promise, over]);
    return this;
  }

  /** The answer to a request; questions on the way are answered. Undefined where the stream ended without one. */
  async request(method: string, params: Json): Promise<Json | undefined> {
    let sent = params;
    for (;;) {
      const id = ++this.#ids;
      const { frames } = await this.#post({
        id,
        method,
        params: { ...sent, _meta: this.#meta(id, sent._meta as Json) },
      });
      const answer = frames.find((frame) => frame.id === id && frame.method === undefined);
      const result = answer?.result as Json | undefined;
      if (result?.resultType !== 'input_required') return answer;
      const inputResponses: Json = {};
      for (const [key, question] of Object.entries(result.inputRequests as Json)) {
        inputResponses[key] = await this.#options.onQuestion(JSON.stringify(question));
      }
      sent = { ...params, inputResponses, requestState: result.requestState };
    }
  }

  /** Listens to updates of a resource; resolves when the stream is open, to what ends it. */
  async listen(uri: string): Promise<() => Promise<void>> {
    const id = ++this.#ids;
    const leaving = new AbortController();
    const params = { notifications: { resourceSubscriptions: [uri] }, _meta: this.#meta(id) };
    const opened = Promise.withResolvers<void>();
    const { take } = this.#reader();
    const onText = (text: string): void => {
      take(text);
      if (text.includes('acknowledged')) opened.resolve();
    };
    const over = this.#send('POST', { id, method: 'subscriptions/listen', params }, onText, undefined, leaving.signal);
    await Promise.race([opened.promise, over]);
    return async () => {
      leaving.abort();
      await over.catch(() => {});
    };
  }

  async notify(method: string, params: Json): Promise<void> {
    await this.#post({ method, params });
  }

  /** The id of the request that was sent last. */
  get lastId(): number {
    return this.#ids;
  }

  /** Resolves when it has been sent this text. */
  async sees(text: string, after = 0): Promise<void> {
    while (!this.seen.includes(text, after)) await this.#arrived.promise;
  }

  /** Ends the session. */
  async end(): Promise<void> {
    if (!this.#isModern) await this.#send('DELETE', undefined, () => {});
    this.#leaving.abort();
  }

  #meta(id: number, more: Json = {}): Json {
    const own = this.#isModern ? { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': ASKED } : {};
    return { ...more, ...own, progressToken: id };
  }

  /** Takes what comes on one stream, event by event. */
  #reader(): { take: (text: string) => void; end: () => string } {
    let rest = '';
    let all = '';
    const at = this.streams.push('') - 1;
    const take = (text: string): void => {
      this.#saw(text);
      this.streams[at] += text;
      all += text;
      const events = (rest + text).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) this.#answer(event);
    };
    return { take, end: () => all };
  }

  #saw(text: string): void {
    this.seen += text;
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }

  /** Answers what a server asks. */
  #answer(event: string): void {
    for (const frame of framesIn(event)) {
      if (frame.method === undefined || frame.id === undefined) continue;
      void this.#options
        .onQuestion(JSON.stringify(frame))
        .then((answer) => this.#post({ id: frame.id, ...('error' in answer ? answer : { result: answer }) }));
    }
  }

  async #post(frame: Json): Promise<{ frames: readonly Json[]; session: string }> {
    const { take, end } = this.#reader();
    const session = await this.#send('POST', frame, take);
    return { frames: framesIn(end()), session };
  }

  #send(
    method: string,
    frame: Json | undefined,
    take: (text: string) => void,
    opened = (): void => {},
    leaving = this.#leaving.signal,
  ): Promise<string> {
    const { url, key, http } = this.#options;
    const { method: named, params } = (frame ?? {}) as { method?: string; params?: Json };
    const name = params?.name ?? params?.uri;
    const modern = this.#isModern && {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': named ?? '',
      ...(typeof name === 'string' && { 'mcp-name': name }),
    };
    const headers = {
      accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      ...modern,
      ...this.#session,
    };
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const signal = method === 'DELETE' ? undefined : leaving;
    const request = httpRequest(url(), { method, headers, agent: http, ...(signal && { signal }) }, (response) => {
      opened();
      response.setEncoding('utf8');
      response.on('data', take);
      response.on('end', () => resolve(response.headers['mcp-session-id']?.toString() ?? ''));
      response.on('error', reject);
    });
    request.on('error', (cause) => {
      const connection = request.reusedSocket ? 'a connection that was used before' : 'a new connection';
      reject(new Error(`${method} ${named ?? ''} on ${connection}: ${cause.message}`, { cause }));
    });
    request.end(frame && JSON.stringify({ jsonrpc: '2.0', ...frame }));
    return promise;
  }
}

/** The frames of an answer, whether it came as JSON or as events. */
function framesIn(text: string): readonly Json[] {
  if (text.startsWith('{')) return [JSON.parse(text)];
  const lines = text.split('\n').filter((line) => line.startsWith('data: {'));
  return lines.map((line) => JSON.parse(line.slice('data: '.length)));
}
