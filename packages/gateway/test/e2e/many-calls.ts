import { join } from 'node:path';
import { serveEverything } from '../conformance/fixtures/everything-server.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { openWaitingApi } from './waiting-api.ts';

const examples = new URL('../../../../examples/plugins/dist/', import.meta.url).pathname;
const program = new URL('../conformance/fixtures/everything-stdio.ts', import.meta.url).pathname;

/** What a script calls many times at once, each time with an argument that only its own answer can fit. */
export const KINDS = ['plugin with one instance', 'pool of instances', 'stdio server', 'HTTP server'] as const;
export type Kind = (typeof KINDS)[number];

/** A gateway for clients that search, with a plugin that waits for HTTP, once with one instance and once with four, and a server over stdio and over HTTP. */
export async function openManyCalls() {
  const api = await openWaitingApi();
  const server = await serveEverything({ only2025: true });
  const path = join(examples, 'http-json.wasm');
  const http = { allow: ['127.0.0.1'] };
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', discovery: 'search' },
    plugins: {
      one: { path, http, instances: { max: 1 } },
      pool: { path, http, instances: { max: 4 } },
    },
    mcpServers: {
      stdio: { command: process.execPath, args: ['--conditions=@lockgate/source', program, '--only-2025'] },
      http: { url: server.url },
    },
  } as never);
  await gateway.started();
  const { url } = await gateway.listen();
  const fetching = (name: string): string =>
    `(i) => api.tryCall('${name}__fetch_json', { url: '${api.url}/item/' + i, fields: ['path'] })`;
  const naming = (name: string): string => `(i) => api.tryCall('${name}__test_header_tool', { region: '/item/' + i })`;
  const calls: Readonly<Record<Kind, string>> = {
    'plugin with one instance': fetching('one'),
    'pool of instances': fetching('pool'),
    'stdio server': naming('stdio'),
    'HTTP server': naming('http'),
  };
  return {
    url,
    gateway,
    /** A script that makes so many calls at once, and returns how many answers are not those of their own call. */
    script: (kind: Kind, first: number, count: number): string => `
      const call = ${calls[kind]};
      const all = await Promise.all(Array.from({ length: ${count} }, (_, i) => call(${first} + i)));
      const isRight = (answer, i) => answer.ok && new RegExp('/item/' + (${first} + i) + '(?![0-9])').test(JSON.stringify(answer.data));
      return all.filter((answer, i) => !isRight(answer, i)).length;`,
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await Promise.all([server.close(), api[Symbol.asyncDispose]()]);
    },
  };
}
