import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { echoGuest } from '@lockgate/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashApiKey } from '../../../src/access/api-keys.ts';
import { LockgateProcess } from '../lockgate-process.ts';
import { lastSdk } from './sdk-one.ts';

const KEY = 'k'.repeat(40);
const headers = { authorization: `Bearer ${KEY}` };
const bridge = join(dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json')), 'dist/proxy.js');

let lockgate: LockgateProcess;
let url: string;

beforeAll(async () => {
  lockgate = await LockgateProcess.start({
    config: {
      gateway: { listen: '127.0.0.1:0', auth: { apiKeys: [{ name: 'me', hash: hashApiKey(KEY) }] } },
      plugins: { echo: { path: './echo.wasm', isolation: 'inline' } },
    },
    files: { 'echo.wasm': echoGuest() },
  });
  url = await lockgate.url();
});

afterAll(() => lockgate[Symbol.asyncDispose]());

const open = async (over: 'http' | 'sse' | 'bridge', given: Record<string, string>) => {
  const { Client, StreamableHTTPClientTransport, SSEClientTransport, StdioClientTransport } = await lastSdk();
  const requestInit = { headers: given };
  const flags = Object.entries(given).flatMap(([name, value]) => ['--header', `${name}:${value}`]);
  const env = { PATH: process.env.PATH ?? '', HOME: lockgate.folder };
  const transport = {
    http: () => StreamableHTTPClientTransport && new StreamableHTTPClientTransport(new URL(url), { requestInit }),
    sse: () => new SSEClientTransport(new URL(url.replace(/mcp$/, 'sse')), { requestInit }),
    bridge: () =>
      new StdioClientTransport({ command: process.execPath, args: [bridge, url, ...flags], env, stderr: 'ignore' }),
  }[over]();
  const client = new Client({ name: 'keyed', version: '1' });
  await client.connect(transport as never);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
};

test.each(['http', 'sse', 'bridge'] as const)('SDK 1.32.2 over %s is served with its key', async (over) => {
  await using client = await open(over, headers);
  const result = await client.callTool({ name: 'echo__echo', arguments: { message: 'hi' } });
  expect(result.content).toMatchObject([{ text: 'hi' }]);
});

test.each(['http', 'sse'] as const)('SDK 1.32.2 over %s is told that it needs a key', async (over) => {
  await expect(open(over, {})).rejects.toMatchObject({ code: 401 });
});
