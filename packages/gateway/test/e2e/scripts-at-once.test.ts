import { afterAll, beforeAll, expect, test } from 'vitest';
import { QuickClient } from '../fixtures/quick-client.ts';
import { connect, textOf } from './clients.ts';
import { KINDS, openManyCalls } from './many-calls.ts';

/** `npm run bench` has a thousand. */
const SCRIPTS = 200;
const CLIENTS = 50;
const CALLS = 4;

let many: Awaited<ReturnType<typeof openManyCalls>>;

beforeAll(async () => {
  many = await openManyCalls();
});

afterAll(async () => {
  await many[Symbol.asyncDispose]();
});

test.each(KINDS)('50 calls that a script makes at once at a %s get their own answers', async (kind) => {
  await using client = await connect(many.url, 'modern');
  const code = many.script(kind, 1_000, 50);
  expect(textOf((await client.callTool({ name: 'run_script', arguments: { code } })) as never)).toBe('0');
});

test('of many scripts of many clients none is lost, and each gets the answers of its own calls', async () => {
  const answers: string[] = [];
  const client = async (index: number): Promise<void> => {
    const one = await QuickClient.connect(many.url, index % 2 === 0 ? 'modern' : 'legacy');
    for (let script = index; script < SCRIPTS; script += CLIENTS) {
      const code = many.script(KINDS[script % KINDS.length] ?? 'stdio server', script * CALLS, CALLS);
      answers.push(await one.call('run_script', { code }));
    }
    one.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)));
  expect(answers).toEqual(Array(SCRIPTS).fill('0'));
});

test('others are answered while scripts do not stop', async () => {
  await using looping = await connect(many.url, 'legacy');
  await using other = await connect(many.url, 'legacy');
  const leaving = new AbortController();
  const ended: string[] = [];
  const endless = ['for (;;);', 'for (;;) await 1;', `/^(a+)+$/.test('a'.repeat(40) + 'b')`].map(async (code) => {
    const run = looping.callTool({ name: 'run_script', arguments: { code } }, { signal: leaving.signal });
    await run.catch(() => {});
    ended.push(code);
  });
  const code = many.script('stdio server', 0, 3);
  for (let i = 0; i < 5; i++) {
    const call = { tool: 'http__test_header_tool', arguments: { region: 'eu' } };
    expect(textOf((await other.callTool({ name: 'execute', arguments: call })) as never)).toBe('region: eu');
    expect(textOf((await other.callTool({ name: 'run_script', arguments: { code } })) as never)).toBe('0');
  }
  expect(ended).toEqual([]);
  leaving.abort();
  await Promise.all(endless);
  await expect.poll(() => many.gateway.status().running).toBe(0);
});
