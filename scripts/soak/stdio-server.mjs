// An MCP server over stdio whose one argument says how it behaves. Whatever it does, `echo` answers its argument `text`.
import { createInterface } from 'node:readline';

const kind = process.argv[2];
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const text = (value) => ({ content: [{ type: 'text', text: value }] });
const waiting = new Map();
let ids = 0;

const TOOLS = ['echo', 'ask', 'progress'].map((name) => ({ name, inputSchema: { type: 'object' } }));
const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  logging: {},
};
const KB = 'x'.repeat(1_024);

/** What each kind does by itself, from its handshake on. */
const habits = {
  steady() {},
  flooding() {
    setInterval(() => {
      for (let n = 0; n < 200; n++) send({ method: 'notifications/tools/list_changed' });
      for (let n = 0; n < 20; n++) send({ method: 'notifications/message', params: { level: 'error', data: KB } });
      for (let n = 0; n < 50; n++) {
        send({ id: `flood-${++ids}`, method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } });
      }
      process.stderr.write(`${KB.repeat(60)}\n`);
    }, 100);
  },
  dying() {},
  garbled() {
    const garbage = [
      '{',
      'Listening …',
      '[]',
      '{"jsonrpc":"2.0"}',
      '{"jsonrpc":"2.0","id":{},"result":{}}',
      '{"jsonrpc":"2.0","id":99999999,"result":{}}',
      '{"jsonrpc":"2.0","method":7}',
      '\u0000\u0001',
    ];
    setInterval(() => process.stdout.write(`${garbage[ids++ % garbage.length]}\n`), 20);
  },
};

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: CAPABILITIES,
    serverInfo: { name: kind, version: '1' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: TOOLS }),
  'resources/list': () => ({ resources: [{ uri: 'soak:/one', name: 'one' }] }),
  'resources/templates/list': () => ({ resourceTemplates: [{ uriTemplate: 'soak:/{a}-{b}-{c}', name: 'many' }] }),
  'resources/read': ({ uri }) => ({ contents: [{ uri, text: 'soaked' }] }),
  'resources/subscribe': () => ({}),
  'resources/unsubscribe': () => ({}),
  'logging/setLevel': () => ({}),
  'tools/call': ({ name, arguments: args = {}, _meta = {} }) => tools[name]?.(args, _meta),
};

const die = () => (Math.random() < 0.5 ? process.exit(3) : process.kill(process.pid, 'SIGKILL'));

const tools = {
  echo({ text: value }) {
    if (kind === 'dying' && Math.random() < 0.3) die();
    return text(value);
  },
  /** Asks the client and answers with what it said. */
  async ask({ text: value }) {
    const id = `ask-${++ids}`;
    const { promise, resolve } = Promise.withResolvers();
    waiting.set(id, resolve);
    const content = { type: 'text', text: value };
    send({ id, method: 'sampling/createMessage', params: { messages: [{ role: 'user', content }], maxTokens: 9 } });
    const { result, error } = await promise;
    return text(result?.content?.text ?? JSON.stringify(error));
  },
  /** Tells `megabytes` of progress at once. */
  progress({ megabytes = 1, text: value = '' }, { progressToken }) {
    const message = KB.repeat(64);
    for (let n = 1; n <= megabytes * 16; n++) {
      send({ method: 'notifications/progress', params: { progressToken, progress: n, message } });
    }
    return text(value);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params = {}, ...answer } = JSON.parse(line);
  if (method === undefined) {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  } else if (method === 'notifications/initialized') habits[kind]();
  else if (id !== undefined) void reply(id, method, params);
}
process.exit(0);

async function reply(id, method, params) {
  const result = await answers[method]?.(params);
  send({ id, ...(result ? { result } : { error: { code: -32_601, message: 'Method not found' } }) });
}
