import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { McpClient } from './mcp-client.mjs';

const SERVERS = ['flooding', 'dying', 'garbled', 'mute', 'absent'];
const LONG_URI_BYTES = 100_000;

/** Clients of every bad habit. Of what they are answered nothing is expected; that they are answered is, where they wait. */
export const misbehaving = {
  callers: [4, callTheBad],
  deaf: [2, deaf],
  malformed: [1, malformed],
  slow: [2, slow],
  halfClosed: [1, halfClosed],
  reconnecting: [3, reconnecting],
  subscribing: [1, subscribing],
};

/** Calls servers that flood, die, write garbage, never answer or are not there. */
async function callTheBad({ url, tally, stopped, name }) {
  while (!stopped.aborted) {
    const client = Math.random() < 0.5 ? McpClient.stateless(url) : await McpClient.session(url, { sampling: {} });
    for (let n = 0; n < 10 && !stopped.aborted; n++) {
      const server = SERVERS[Math.floor(Math.random() * SERVERS.length)];
      await tally.call(() => client.call(`${server}__echo`, { text: name }, true), 'answered', 'strange');
      await pause(200);
    }
    client.leave();
  }
}

/** Has 20 MB of progress sent and reads none of it. */
async function deaf({ url, stopped }) {
  while (!stopped.aborted) {
    const client = await McpClient.session(url);
    const _meta = { progressToken: 1 };
    const params = { name: 'flooding__progress', arguments: { megabytes: 20 }, _meta };
    const socket = post(url, client.headers, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }));
    socket.pause();
    await pause(4_000);
    socket.destroy();
    client.leave();
  }
}

async function malformed({ url, stopped }) {
  const { headers } = McpClient.stateless(url);
  const bodies = [
    '',
    '{',
    '[]',
    'null',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call"}',
    '\u0000',
    '['.repeat(10_000),
  ];
  const heads = ['GET\r\n\r\n', '\u0016\u0003\u0001', `GET /mcp HTTP/1.1\r\nx: ${'x'.repeat(50_000)}\r\n\r\n`];
  for (let n = 0; !stopped.aborted; n++) {
    const socket =
      n % 2 === 0 ? post(url, headers, bodies[(n / 2) % bodies.length]) : raw(url, heads[(n >> 1) % heads.length]);
    socket.resume();
    await pause(100);
    socket.destroy();
  }
}

/** Sends a request a byte at a time, and never its end. */
async function slow({ url, stopped }) {
  while (!stopped.aborted) {
    const socket = raw(url, 'POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n');
    socket.resume();
    while (!socket.destroyed && socket.writable && !stopped.aborted) {
      socket.write('x');
      await pause(100);
    }
    socket.destroy();
  }
}

/** Ends its side of the connection as soon as it has asked. */
async function halfClosed({ url, stopped }) {
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'steady__echo', arguments: {} } };
  while (!stopped.aborted) {
    const client = await McpClient.session(url);
    const socket = post(url, client.headers, JSON.stringify(message));
    socket.end();
    await pause(1_000);
    socket.destroy();
    client.leave();
  }
}

/** Breaks its stream off and goes on with it, again and again, and leaves its session to itself. */
async function reconnecting({ url, stopped }) {
  while (!stopped.aborted) {
    const client = await McpClient.session(url);
    let last;
    for (let n = 0; n < 20 && !stopped.aborted; n++) {
      const leave = client.listen(last);
      await pause(150);
      last = leave();
    }
    client.leave();
  }
}

/** Subscribes to long addresses and leaves. */
async function subscribing({ url, tally, stopped }) {
  while (!stopped.aborted) {
    const client = await McpClient.session(url);
    for (let n = 0; n < 20 && !stopped.aborted; n++) {
      const uri = `soak:/${'x'.repeat(LONG_URI_BYTES)}-${n}`;
      const asked = async () => ((await client.ask('resources/subscribe', { uri })) ? 'answered' : '');
      await tally.call(asked, 'answered', 'strange');
    }
    await pause(1_000);
    client.leave();
  }
}

function raw(url, text) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
  return socket.on('error', () => {});
}

function post(url, headers, body) {
  const { host, pathname } = new URL(url);
  const all = { host, ...headers, 'content-length': Buffer.byteLength(body) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return raw(url, `POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
