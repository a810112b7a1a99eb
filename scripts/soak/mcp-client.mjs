import { Agent, request } from 'node:http';

/** How long an answer may take at most. */
const ANSWER_WITHIN_MS = 60_000;

const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';
const INFO = { name: 'soak', version: '1' };

/** A client over HTTP: a session of the 2025 era, or requests without one of the 2026 era. */
export class McpClient {
  #agent = new Agent({ keepAlive: true });
  #url;
  #headers;
  #capabilities;
  #ids = 0;

  constructor(url, version, capabilities) {
    this.#url = new URL(url);
    this.#headers = { 'mcp-protocol-version': version };
    this.#capabilities = capabilities;
  }

  static stateless(url) {
    return new McpClient(url, MODERN, {});
  }

  static async session(url, capabilities = {}) {
    const client = new McpClient(url, LEGACY, capabilities);
    await client.ask('initialize', { protocolVersion: LEGACY, capabilities, clientInfo: INFO });
    await client.post({ method: 'notifications/initialized' });
    return client;
  }

  get headers() {
    return { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...this.#headers };
  }

  /** The text of a tool's answer; with `isAny`, whatever is answered. Rejects where nothing is. */
  async call(name, args, isAny = false) {
    const { result, error } = await this.ask('tools/call', { name, arguments: args });
    if (isAny) return 'answered';
    if (!result || result.isError) throw new Error(`${name}: ${JSON.stringify(error ?? result.content)}`);
    return result.content[0].text;
  }

  /** The answer to a request, a result or an error. */
  async ask(method, params) {
    const isModern = this.#headers['mcp-protocol-version'] === MODERN;
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientInfo': INFO,
      'io.modelcontextprotocol/clientCapabilities': this.#capabilities,
    };
    const more = isModern ? { 'mcp-method': method, ...(params.name && { 'mcp-name': params.name }) } : {};
    const message = { id: ++this.#ids, method, params: isModern ? { ...params, _meta } : params };
    const answer = await this.post(message, more);
    if (answer === undefined) throw new Error(`${method} was not answered`);
    return answer;
  }

  /** Sends a message and resolves to the answer; what is asked on the way is answered with what was asked. */
  post(message, more = {}) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const headers = { ...this.headers, ...more };
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const asked = request(this.#url, { agent: this.#agent, method: 'POST', headers, signal }, (response) => {
      const session = response.headers['mcp-session-id'];
      if (session) this.#headers['mcp-session-id'] = session;
      let text = '';
      let answer;
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        if (!response.headers['content-type']?.startsWith('text/event-stream')) return;
        const events = text.split('\n\n');
        text = events.pop();
        for (const event of events) {
          const data = event.split('\n').find((line) => line.startsWith('data: {'));
          const frame = data && JSON.parse(data.slice(6));
          if (frame?.method === 'sampling/createMessage') this.#answer(frame).catch(reject);
          else if (frame?.id !== undefined && frame.method === undefined) answer = frame;
        }
      });
      response.on('end', () => resolve(answer ?? (text.startsWith('{') ? JSON.parse(text) : undefined)));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(JSON.stringify({ jsonrpc: '2.0', ...message }));
    return promise;
  }

  /** Opens the session's own stream. The function it answers breaks it off, and gives the id of the last event. */
  listen(lastEventId) {
    let last = lastEventId;
    const headers = { ...this.headers, ...(lastEventId && { 'last-event-id': lastEventId }) };
    const asked = request(this.#url, { headers }, (response) => {
      response.setEncoding('utf8').on('data', (chunk) => {
        last = /^id: (\S+)$/m.exec(chunk)?.[1] ?? last;
      });
      response.on('error', () => {});
    });
    asked.on('error', () => {});
    asked.end();
    return () => {
      asked.destroy();
      return last;
    };
  }

  /** Ends the session in order. */
  async end() {
    const { promise, resolve, reject } = Promise.withResolvers();
    request(this.#url, { agent: this.#agent, method: 'DELETE', headers: this.headers }, (response) => {
      response.resume().on('end', resolve);
    })
      .on('error', reject)
      .end();
    await promise;
    this.leave();
  }

  /** Goes away without a word. */
  leave() {
    this.#agent.destroy();
  }

  async #answer({ id, params }) {
    const content = params.messages[0]?.content ?? { type: 'text', text: '' };
    await this.post({ id, result: { role: 'assistant', model: 'soak', content } });
  }
}
