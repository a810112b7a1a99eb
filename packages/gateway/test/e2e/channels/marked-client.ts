import type { Era } from '../../../src/protocol/era.ts';

type Json = Record<string, unknown>;

/** What one client is told: the last frame is the answer. */
export interface Told {
  readonly result?: Json;
  readonly error?: Json & { readonly message: string };
  /** Every frame until the answer, as it came. */
  readonly frames: string;
}

export interface MarkedClientOptions {
  readonly url: string;
  readonly era: Era;
  readonly key: string;
  /** Answers a question of the server, in the words of the protocol; it can be asked where this is given. */
  readonly answer?: (method: string) => Json | Promise<Json>;
  /** What it says it can do from now on. @default what it can be asked */
  readonly abilities?: () => Json;
  /** What it calls itself from now on. @default 'marked' */
  readonly name?: () => string;
}

const VERSION = { legacy: '2025-11-25', modern: '2026-07-28' } as const;
const TYPES = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };

/** A client of either era that keeps every byte it is told, on whatever stream. */
export class MarkedClient implements AsyncDisposable {
  /** All that it was told since the handshake. */
  heard = '';
  #arrived: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #options: MarkedClientOptions;
  readonly #leaving = new AbortController();
  #session: string | undefined;
  #ids = 0;

  private constructor(options: MarkedClientOptions) {
    this.#options = options;
  }

  static async open(options: MarkedClientOptions): Promise<MarkedClient> {
    const client = new MarkedClient(options);
    if (options.era === 'modern') return client;
    const { capabilities, info: clientInfo } = client;
    const begun = await client.#post({
      id: 'hello',
      method: 'initialize',
      params: { protocolVersion: VERSION.legacy, capabilities, clientInfo },
    });
    client.#session = begun.headers.get('mcp-session-id') ?? '';
    await begun.text();
    await client.notify('notifications/initialized');
    const stream = await fetch(options.url, {
      headers: client.#headers('', ''),
      signal: client.#leaving.signal,
    });
    void client.#read(stream).catch(() => {});
    return client;
  }

  get info(): Json {
    return { name: this.#options.name?.() ?? 'marked', version: '1' };
  }

  get capabilities(): Json {
    if (this.#options.abilities) return this.#options.abilities();
    return this.#options.answer ? { elicitation: {}, sampling: {}, roots: {} } : {};
  }

  /** Calls the tool "say" under the name that the endpoint gives it. */
  say(tool: string, args: Json, meta: Json = {}): Promise<Told> {
    return this.request('tools/call', { name: tool, arguments: args, _meta: { progressToken: 'p', ...meta } });
  }

  async request(method: string, params: Json = {}): Promise<Told> {
    for (let more: Json = {}; ; ) {
      const told = await this.#once(method, { ...params, ...more });
      if (told.result?.resultType !== 'input_required') return told;
      const { inputRequests, requestState } = told.result as {
        inputRequests: Record<string, Json>;
        requestState: string;
      };
      const answers = Object.entries(inputRequests).map(async ([key, question]) => [
        key,
        await this.#options.answer?.(String(question.method)),
      ]);
      more = { inputResponses: Object.fromEntries(await Promise.all(answers)), requestState };
    }
  }

  async notify(method: string, params: Json = {}): Promise<void> {
    await (await this.#post({ method, params })).text();
  }

  /** Resolves when it has been told this, whenever that was. */
  async until(words: string): Promise<void> {
    while (!this.heard.includes(words)) await this.#arrived.promise;
  }

  /** Sends a call and cancels it with this reason once the server has it. */
  async cancelled(tool: string, args: Json, reason: string, isWorking: Promise<void>): Promise<void> {
    const id = ++this.#ids;
    void this.#post({ id, method: 'tools/call', params: { name: tool, arguments: args } }).catch(() => {});
    await isWorking;
    await this.notify('notifications/cancelled', { requestId: id, reason });
  }

  /** Opens a stream that stays open; resolves with its first frame. */
  async listen(params: Json): Promise<void> {
    const response = await this.#post({
      id: ++this.#ids,
      method: 'subscriptions/listen',
      params: this.#withEnvelope(params),
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    void this.#read(response, () => resolve()).catch(() => {});
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort();
  }

  async #once(method: string, params: Json): Promise<Told> {
    const id = ++this.#ids;
    const response = await this.#post({ id, method, params: this.#withEnvelope(params) });
    let frames = '';
    let answer: Json = {};
    await this.#read(response, (frame, data) => {
      frames += `${data}\n`;
      if (frame.id === id && frame.method === undefined) answer = frame;
    });
    return { ...answer, frames };
  }

  #withEnvelope(params: Json): Json {
    if (this.#options.era === 'legacy') return params;
    const meta = {
      'io.modelcontextprotocol/protocolVersion': VERSION.modern,
      'io.modelcontextprotocol/clientInfo': this.info,
      'io.modelcontextprotocol/clientCapabilities': this.capabilities,
      'io.modelcontextprotocol/logLevel': 'debug',
    };
    return { ...params, _meta: { ...(params._meta as Json), ...meta } };
  }

  #headers(method: string, name: unknown): Record<string, string> {
    const { era, key } = this.#options;
    return {
      ...TYPES,
      authorization: `Bearer ${key}`,
      ...(this.#session !== undefined && { 'mcp-session-id': this.#session }),
      'mcp-protocol-version': VERSION[era],
      ...(era === 'modern' && { 'mcp-method': method, ...(typeof name === 'string' && { 'mcp-name': name }) }),
    };
  }

  #post(frame: Json): Promise<Response> {
    const { name, uri } = (frame.params ?? {}) as Json;
    return fetch(this.#options.url, {
      method: 'POST',
      headers: this.#headers(String(frame.method), name ?? uri),
      body: JSON.stringify({ jsonrpc: '2.0', ...frame }),
      signal: this.#leaving.signal,
    });
  }

  async #read(response: Response, onFrame: (frame: Json, data: string) => void = () => {}): Promise<void> {
    const take = (data: string): void => {
      this.heard += `${data}\n`;
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers();
      const frame = JSON.parse(data) as Json;
      onFrame(frame, data);
      if (frame.method !== undefined && frame.id !== undefined) void this.#answer(frame);
    };
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      const body = await response.text();
      if (body !== '') take(body);
      return;
    }
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (text + chunk).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^data: ([^\n]+)/m.exec(event)?.[1];
        if (data !== undefined) take(data);
      }
    }
  }

  async #answer({ id, method }: Json): Promise<void> {
    const result = await this.#options.answer?.(String(method));
    await (await this.#post({ id, result })).text();
  }
}
