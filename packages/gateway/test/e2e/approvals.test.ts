import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApprovalList } from '../../src/console/api.ts';
import { OpenedConsole } from '../console/open-console.ts';
import { AnyUpstream } from '../fixtures/any-upstream.ts';
import { FICKLE } from '../fixtures/fickle-program.ts';
import { rawSession } from '../fixtures/raw-request.ts';
import { type ServedHttp, serveHttp } from '../fixtures/serve-http.ts';
import { connect, textOf } from './clients.ts';

const tool = (name: string): string => JSON.stringify({ name, inputSchema: { type: 'object' } });
const SAID = JSON.stringify({ prompts: [], tools: ['asked', 'held'].map(tool) });

let console: OpenedConsole;
let modern: ServedHttp;

beforeAll(async () => {
  const upstream = new AnyUpstream();
  upstream.answer = () => ({ content: [{ type: 'text', text: 'called any' }] });
  modern = await serveHttp(upstream.make);
  console = await OpenedConsole.open({
    gateway: {
      approvals: [
        { tools: ['it/asked', 'modern/any'], require: 'client' },
        { tools: ['it/held'], require: 'operator' },
      ],
    },
    mcpServers: {
      it: { command: process.execPath, args: ['-e', FICKLE, SAID] },
      modern: { url: modern.url },
    },
  } as never);
});

afterAll(async () => {
  await console[Symbol.asyncDispose]();
  await modern.close();
});

test.each([
  ['legacy', 'it', 'asked'],
  ['modern', 'it', 'asked'],
  ['legacy', 'modern', 'any'],
  ['modern', 'modern', 'any'],
] as const)('a %s client asks its user before a call of the server %s is made', async (era, server, tool) => {
  const questions: string[] = [];
  let allow = true;
  await using client = await connect(`${console.base}/mcp`, era, {}, { elicitation: { form: {} } });
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    questions.push(params.message);
    return { action: 'accept', content: { allow } };
  });
  const call = async () => textOf(await client.callTool({ name: `${server}__${tool}`, arguments: { repo: 'a' } }));
  expect(await call()).toBe(`called ${tool}`);
  allow = false;
  expect(await call()).toMatch(/^Not called: the user has not allowed it/);
  expect(questions).toHaveLength(2);
  expect(questions[0]).toContain(`"${tool}" of "${server}"`);
  expect(questions[0]).toContain('{"repo":"a"}');
});

test('a client that cannot ask is told to come back, and its call is made once an operator has approved it', async () => {
  const ask = await rawSession(`${console.base}/mcp`);
  const operator = await console.signIn();
  for (const name of ['it__held', 'it__asked']) {
    const call = async (repo: string) =>
      JSON.stringify((await ask('tools/call', { name, arguments: { repo } })).body.result);
    const told = await call('a');
    expect(told).toMatch(/Not called.*make the same call again/);
    expect(await call('a')).toBe(told);
    const { approvals } = (await operator.ask('approvals')).body as ApprovalList;
    expect(approvals).toMatchObject([{ state: 'waiting', server: 'it', arguments: '{"repo":"a"}' }]);
    const path = `approvals/${approvals[0]?.id}/approve`;
    expect((await operator.ask(path, { method: 'POST' })).status).toBe(200);
    expect((await operator.ask(path, { method: 'POST' })).status).toBe(409);
    expect(await call('b')).toMatch(/Not called/);
    const both = await Promise.all([call('a'), call('a')]);
    expect(both.filter((text) => text.includes('called held') || text.includes('called asked'))).toHaveLength(1);
    for (const { id } of ((await operator.ask('approvals')).body as ApprovalList).approvals)
      await operator.ask(`approvals/${id}/deny`, { method: 'POST' });
    expect(await call('b')).toMatch(/an operator has denied it/);
    await console.gateway.reconfigure(await again(name));
  }
});

test('a call that is above a limit waits for nobody, and does not use up what was approved', async () => {
  const approvals = [
    { tools: ['it/held'], require: 'operator' },
    { tools: ['it/asked'], require: 'client' },
  ];
  await using limited = await OpenedConsole.open({
    gateway: { approvals },
    limits: { few: { calls: 2, per: 'day', by: ['principal'] } },
    mcpServers: { it: { command: process.execPath, args: ['-e', FICKLE, SAID] } },
  } as never);
  const operator = await limited.signIn();
  const listed = async () => ((await operator.ask('approvals')).body as ApprovalList).approvals;
  let questions = 0;
  await using client = await connect(`${limited.base}/mcp`, 'legacy', {}, { elicitation: { form: {} } });
  client.setRequestHandler('elicitation/create', async () => {
    questions++;
    return { action: 'accept', content: { allow: true } };
  });
  const call = async (name: string, repo: string) =>
    textOf(await client.callTool({ name: `it__${name}`, arguments: { repo } }));
  await call('held', 'a');
  const [waiting] = await listed();
  await operator.ask(`approvals/${waiting?.id}/approve`, { method: 'POST' });
  expect([await call('asked', 'a'), await call('asked', 'b')]).toEqual(['called asked', 'called asked']);
  for (const [name, repo] of [
    ['asked', 'c'],
    ['held', 'a'],
    ['held', 'b'],
  ] as const)
    expect(await call(name, repo)).toMatch(/^Not called: limit "few"/);
  expect(questions).toBe(2);
  expect(await listed()).toMatchObject([{ id: waiting?.id, state: 'approved' }]);
});

test('a call that the limit of its session refuses does not use up what was approved', async () => {
  await using limited = await OpenedConsole.open({
    gateway: { approvals: [{ tools: ['it/held'], require: 'operator' }] },
    mcpServers: { it: { command: process.execPath, args: ['-e', FICKLE, SAID], 'tool-call-limits': { held: 1 } } },
  } as never);
  const operator = await limited.signIn();
  const listed = async () => ((await operator.ask('approvals')).body as ApprovalList).approvals;
  const ask = await rawSession(`${limited.base}/mcp`);
  const call = async (repo: string) =>
    JSON.stringify((await ask('tools/call', { name: 'it__held', arguments: { repo } })).body.result);
  await call('a');
  await call('b');
  const waiting = await listed();
  for (const { id } of waiting) await operator.ask(`approvals/${id}/approve`, { method: 'POST' });
  expect(await call('a')).toContain('called held');
  expect(await call('b')).toContain('GATEWAY_TOOL_CALL_LIMIT');
  expect(await listed()).toMatchObject([{ id: waiting[1]?.id, state: 'approved' }]);
});

test('the audit log says which call an operator decided on, and of calls that were held back that they were denied', async () => {
  const logDir = await mkdtemp(join(tmpdir(), 'lockgate-approvals-'));
  const logging = await OpenedConsole.open({
    gateway: { logDir, approvals: [{ tools: ['it/held'], require: 'operator' }] },
    mcpServers: { it: { command: process.execPath, args: ['-e', FICKLE, SAID] } },
  } as never);
  const ask = await rawSession(`${logging.base}/mcp`);
  const operator = await logging.signIn();
  await ask('tools/call', { name: 'it__held', arguments: { repo: 'a' } });
  const [waiting] = ((await operator.ask('approvals')).body as ApprovalList).approvals;
  await operator.ask(`approvals/${waiting?.id}/approve`, { method: 'POST' });
  await operator.ask('approvals/none/deny', { method: 'POST' });
  await logging[Symbol.asyncDispose]();
  const lines = (await readFile(join(logDir, 'audit.jsonl'), 'utf8')).trimEnd().split('\n');
  const { id, argumentsDigest } = waiting ?? {};
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: 'call', target: 'it__held', verdict: 'denied', reason: 'GATEWAY_APPROVAL_NEEDED' },
    {
      event: 'operator',
      method: 'approve call',
      server: 'it',
      target: 'held',
      verdict: 'ok',
      call: { id, principal: 'anonymous', argumentsDigest },
    },
    { event: 'operator', method: 'deny call', verdict: 'failed', reason: 'CANNOT' },
  ]);
  expect(lines.join('')).not.toContain('repo');
});

/** The same rules in other words: what waits is forgotten. */
async function again(name: string): Promise<never> {
  return {
    gateway: {
      listen: '127.0.0.1:0',
      approvals: [
        { tools: ['it/asked', `it/never_${name}`], require: 'client' },
        { tools: ['it/held'], require: 'operator' },
      ],
    },
    mcpServers: { it: { command: process.execPath, args: ['-e', FICKLE, SAID] } },
  } as never;
}
