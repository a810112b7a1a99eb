import { Server } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawSession } from '../fixtures/raw-request.ts';
import { type ServedHttp, serveHttp } from '../fixtures/serve-http.ts';

const task = (taskId: string) => ({
  taskId,
  status: 'working',
  ttl: null,
  createdAt: '2026-01-01T00:00:00Z',
  'x-kept': 1,
});
const upstreams: ServedHttp[] = [];
let gateway: Gateway;
let url: string;

function taskServer(name: string): Server {
  const server = new Server(
    { name, version: '1' },
    { capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } } as never },
  );
  server.fallbackRequestHandler = async ({ method, params }) => {
    if (method === 'tools/list')
      return { tools: [{ name: 'work', inputSchema: { type: 'object' }, execution: { taskSupport: 'required' } }] };
    if (method === 'tasks/list') return { tasks: [task('third'), task(`task of ${name}`)] };
    if (method === 'tools/call') {
      const { id = `task of ${name}` } = (params?.arguments ?? {}) as { id?: string };
      return { task: task(id) };
    }
    return { method, ...task(String(params?.taskId)), worker: name };
  };
  return server;
}

beforeAll(async () => {
  upstreams.push(
    ...(await Promise.all(['a', 'b'].map((name) => serveHttp(() => taskServer(name), { only2025: true })))),
  );
  const mcpServers = { a: { url: upstreams[0]?.url }, b: { url: upstreams[1]?.url } };
  gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers: mcpServers as never });
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(async () => {
  await gateway.close();
  await Promise.all(upstreams.map((upstream) => upstream.close()));
});

test('a task is asked for at the server that works on it', async () => {
  const session = await rawSession(url);
  const begun = await session('tools/call', { name: 'b__work', arguments: {}, task: { ttl: 1 } });
  expect(begun.body.result).toEqual({ task: task('task of b') });
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
    const answer = await session(method, { taskId: 'task of b' });
    expect(answer.body.result).toMatchObject({ method, worker: 'b', 'x-kept': 1 });
  }
});

test('a task that is begun through execute is as one of a direct call', async () => {
  const session = await rawSession(`${url}?discovery=search`);
  const executed = { name: 'execute', arguments: { tool: 'b__work', arguments: { id: 'executed' } }, task: { ttl: 1 } };
  expect((await session('tools/call', executed)).body.result).toEqual({ task: task('executed') });
  const answer = await session('tasks/get', { taskId: 'executed' });
  expect(answer.body.result).toMatchObject({ taskId: 'executed', worker: 'b' });
  const other = await rawSession(url);
  expect((await other('tasks/get', { taskId: 'executed' })).body.error).toMatchObject({ code: -32_602 });
});

test('a task belongs to the session that began it', async () => {
  const mine = await rawSession(url);
  await mine('tools/call', { name: 'a__work', arguments: {}, task: {} });
  const other = await rawSession(url);
  expect((await other('tasks/result', { taskId: 'task of a' })).body.error).toMatchObject({ code: -32_602 });
  expect((await mine('tasks/result', { taskId: 'task of a' })).body.result).toMatchObject({ worker: 'a' });
});

test('a task stays whose it is when another server, or the same for another session, gives its id again', async () => {
  const mine = await rawSession(url);
  await mine('tools/call', { name: 'b__work', arguments: { id: 'shared' }, task: {} });
  await mine('tools/call', { name: 'a__work', arguments: { id: 'shared' }, task: {} });
  expect((await mine('tasks/result', { taskId: 'shared' })).body.result).toMatchObject({ worker: 'b' });
  const other = await rawSession(url);
  await other('tools/call', { name: 'b__work', arguments: { id: 'shared' }, task: {} });
  expect((await other('tasks/result', { taskId: 'shared' })).body.error).toMatchObject({ code: -32_602 });
});

test('a list of tasks has those of the session that asks', async () => {
  const session = await rawSession(`${url}/a`);
  expect((await session('tasks/list')).body.result).toEqual({ tasks: [] });
  await session('tools/call', { name: 'work', arguments: { id: 'third' }, task: {} });
  expect((await session('tasks/list')).body.result).toEqual({ tasks: [task('third')] });
});
