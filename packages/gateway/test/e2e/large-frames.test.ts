import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import {
  beginSession,
  callFrame,
  modernHeaders,
  openModernHttp,
  openPipe,
  openSession,
} from '../fixtures/raw-client.ts';
import { type Script, serveScriptedHttp, serveScriptedProgram } from '../fixtures/raw-server.ts';
import { LockgateProcess } from './lockgate-process.ts';

const LARGEST = 64 * 1024 * 1024;
/** A string in a frame of the largest size. */
const LONG = `"${'x'.repeat(LARGEST - 1_024)}"`;
const SHORT = '{}';

/** Gives back what it is sent, or something long for something short. */
const script: Script = {
  call: ({ args }) => ({ body: `"result":{"content":[],"long":${args === 'long' ? LONG : length(args)}}` }),
};
const length = (args: unknown): number => (typeof args === 'string' ? args.length : -1);

const open = new AsyncDisposableStack();
let mcpServers: Record<string, object>;

beforeAll(async () => {
  const { command, args } = open.use(await serveScriptedProgram('legacy', script));
  const http = open.use(await serveScriptedHttp('modern', script));
  mcpServers = { pipe: { command, args }, http: { url: http.url } };
});

afterAll(() => open.disposeAsync());

describe('over HTTP', () => {
  let url = '';

  beforeAll(async () => {
    const limits = { maxBodyBytes: LARGEST };
    const gateway = open.use(
      await createGateway({ gateway: { listen: '127.0.0.1:0', limits }, mcpServers: mcpServers as never }),
    );
    await gateway.started();
    ({ url } = await gateway.listen());
  });

  test.each(['legacy', 'modern'] as const)('a frame of 64 MiB passes in both directions (%s)', async (era) => {
    const own = `${url}/http`;
    const client = era === 'modern' ? await openModernHttp(own, 'any') : await openSession(own);
    const [sent] = await client.exchange(callFrame(era, '1', 'any', LONG), '1');
    expect(sent).toContain(`"long":${LONG.length - 2}`);
    const [given = ''] = await client.exchange(callFrame(era, '2', 'any', '"long"'), '2');
    expect(given.indexOf(LONG)).toBeGreaterThan(0);
  });

  test('a frame that is larger is refused, and its connection is closed', async () => {
    const body = callFrame('modern', '1', 'any', `"${'x'.repeat(LARGEST)}"`);
    const response = await fetch(`${url}/http`, { method: 'POST', headers: modernHeaders('any'), body });
    expect([response.status, response.headers.get('connection')]).toEqual([413, 'close']);
    expect(await response.json()).toMatchObject({
      id: null,
      error: { message: expect.stringContaining('maxBodyBytes') },
    });
    const headers = await beginSession(`${url}/http`);
    const next = await fetch(`${url}/http`, { method: 'POST', headers, body: callFrame('legacy', '1', 'any', SHORT) });
    expect(next.status).toBe(200);
  });
});

describe('over pipes', () => {
  test('a frame of 64 MiB passes in both directions, and a longer one is refused alone', async () => {
    await using lockgate = await LockgateProcess.start({
      config: { mcpServers },
      args: ['--stdio', '--server', 'pipe'],
    });
    const client = await openPipe('legacy', lockgate.child.stdin, lockgate.child.stdout);
    const [sent] = await client.exchange(callFrame('legacy', '1', 'any', LONG), '1');
    expect(sent).toContain(`"long":${LONG.length - 2}`);
    const [given = ''] = await client.exchange(callFrame('legacy', '2', 'any', '"long"'), '2');
    expect(given.indexOf(LONG)).toBeGreaterThan(0);
    lockgate.child.stdin.write(`${callFrame('legacy', '3', 'any', `"${'x'.repeat(LARGEST + 65_536)}"`)}\n`);
    const message = expect.stringContaining('at most 67174400 bytes on stdin');
    expect(JSON.parse(await client.flow.next())).toMatchObject({ id: 3, error: { code: -32_600, message } });
    expect(await client.exchange(callFrame('legacy', '4', 'any', SHORT), '4')).toHaveLength(1);
  });
});
