import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Callers } from '../../load/callers.ts';
import type { Era } from '../../load/messages.ts';
import type { Target } from '../../load/target.ts';
import { answerOf } from '../../subjects/echo-answers.ts';

/** A server whose answers go through a hand that may change them; counts its sessions. */
async function serve(era: Era, change: (answer: string) => string = (answer) => answer) {
  let sessions = 0;
  const server = createServer(async (request, response) => {
    const message = JSON.parse(Buffer.concat(await request.toArray()).toString());
    if (message.id === undefined) return void response.writeHead(202).end();
    if (message.method === 'initialize') response.setHeader('mcp-session-id', sessions++);
    else if (era === '2025' && request.headers['mcp-session-id'] === undefined) response.statusCode = 400;
    response.setHeader('content-type', 'application/json');
    response.end(change(answerOf(message, era)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  return {
    target: { to: { url, how: 'http' }, era, clients: 3, tool: 'echo', text: '' } satisfies Target,
    sessions: () => sessions,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

test.each(['2025', '2026'] as const)(
  'clients of %s make as many calls as they may, each with its own session',
  async (era) => {
    using server = await serve(era);
    const { callers, opened } = await Callers.open(server.target);
    const run = await callers.run(60_000, 50);
    callers.close();
    expect(run).toMatchObject({ calls: 50 });
    expect(run.p99Ms).toBeGreaterThanOrEqual(run.p50Ms);
    expect(opened.pid).toBeUndefined();
    expect(server.sessions()).toBe(era === '2025' ? 3 : 0);
  },
);

test('a run ends with the first answer whose contents are not those of its call', async () => {
  let left = 20;
  using server = await serve('2026', (answer) => (left-- > 0 ? answer : answer.replace('m1', 'n1')));
  const { callers } = await Callers.open(server.target);
  await expect(callers.run(60_000, 50)).rejects.toThrow(/wrong answer to call 10000\d\d: \d+ bytes, .*n10000/);
  callers.close();
});

test('contents that are the same in all calls are told from others', async () => {
  using plain = await serve('2026');
  using changed = await serve('2026', (answer) => answer.replace('"type":"text"', '"type":"test"'));
  const opened = await Promise.all([plain, plain, changed].map(({ target }) => Callers.open(target)));
  const [first, second, third] = opened.map(({ opened: { contents } }) => contents);
  for (const { callers } of opened) callers.close();
  expect(first).toBe(second);
  expect(first).not.toBe(third);
});

test('clients of one pipe share its program', async () => {
  const program = fileURLToPath(new URL('../../subjects/echo-server-program.ts', import.meta.url));
  const to = { command: process.execPath, args: ['--no-warnings', program, 'stdio', '2025'] };
  const { callers, opened } = await Callers.open({ to, era: '2025', clients: 16, tool: 'records', text: '' });
  expect(await callers.run(60_000, 100)).toMatchObject({ calls: 100 });
  callers.close();
  expect(opened.pid).toBeGreaterThan(0);
});
