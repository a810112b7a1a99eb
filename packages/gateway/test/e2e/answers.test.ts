import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { echoGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { LockgateFile } from '../../src/config/schema.ts';
import { connect, textOf } from './clients.ts';
import { serveData } from './data-server.ts';
import { call, guardedFiles, moduleFiles, programOf, servedGateway, someFiles } from './guarded-files.ts';

const ISSUES = `[${Array.from({ length: 12 }, (_, n) => `{"number":${n}.0,"title":"t${n}","body":"long long long"}`).join(',')}]`;
const ANSWER = 'dev.lockgate/answer';

/** A file server whose read tool is given in a form, with answers as structured content. */
function fileServer(folder: string, answers: object, more: object = {}): LockgateFile {
  const files = {
    command: process.execPath,
    args: [programOf('@modelcontextprotocol/server-filesystem'), folder],
    answers,
  };
  return { gateway: { listen: '127.0.0.1:0', ...more }, mcpServers: { files } };
}

describe.each(['legacy', 'modern'] as const)('for a %s client', (era) => {
  test('a tool answers in the form of its rule, or in the one that a call asks for', async () => {
    await using data = await serveData();
    const rules = { give: { fields: ['/number', '/title'], columns: true } };
    await using served = await servedGateway({
      gateway: { listen: '127.0.0.1:0' },
      mcpServers: { data: { url: data.url, answers: rules } },
    });
    await using client = await connect(served.url, era);
    const given = async (answer?: unknown): Promise<string> => {
      const _meta = answer === undefined ? {} : { _meta: { [ANSWER]: answer } };
      return textOf((await client.callTool({ name: 'data__give', arguments: { data: ISSUES }, ..._meta })) as never);
    };
    expect(await given()).toMatch(/^\{"columns":\["number","title"\],"rows":\[\[0\.0,"t0"\],/);
    expect(await given({ query: '[2].title' })).toBe('"t2"');
    expect(await given({ omit: ['/body', '/title'] })).toMatch(/^\[\{"number":0\.0\},/);
    expect(await given(false)).toBe(ISSUES);
    await expect(given({ query: '[' })).rejects.toThrow(/"answer.query" is no JMESPath/);
    await expect(given({ field: ['/a'] })).rejects.toThrow(/"answer.field"/);
  });

  test('a tool with a rule is listed without the schema that its answers do not keep', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-answers-'));
    writeFileSync(join(folder, 'data.json'), ISSUES);
    await using served = await servedGateway(fileServer(folder, { read_text_file: { fields: ['/title'] } }));
    await using client = await connect(served.url, era);
    const { tools } = await client.listTools();
    const schemaOf = (name: string): unknown => tools.find((tool) => tool.name === name)?.outputSchema;
    expect([schemaOf('files__read_text_file'), schemaOf('files__list_directory')]).toEqual([
      undefined,
      expect.anything(),
    ]);
    const given = await client.callTool({
      name: 'files__read_text_file',
      arguments: { path: join(folder, 'data.json') },
    });
    expect(textOf(given as never)).toMatch(/^\[\{"title":"t0"\},/);
  });
});

test('execute takes what is wanted of the answer as an argument, and says what is wrong with it to the model', async () => {
  await using data = await serveData();
  await using served = await servedGateway({
    gateway: { listen: '127.0.0.1:0', discovery: 'search' },
    mcpServers: { data: { url: data.url } },
  });
  const client = await served.connect();
  const execute = (answer: unknown): Promise<string> =>
    call(client, 'execute', { tool: 'data__give', arguments: { data: ISSUES }, answer });
  expect(await execute({ fields: ['/title'], columns: true })).toMatch(/^\{"columns":\["title"\]/);
  expect(await execute(false)).toBe(ISSUES);
  expect(await execute({ fields: ['title'] })).toMatch(
    /^ERROR Wrong arguments for data__give: "answer.fields.0" expected a JSON Pointer/,
  );
  expect(data.sent).toEqual([]);
});

test('a plugin says itself what is worth keeping of its answers', async () => {
  const { echo } = moduleFiles({ echo: echoGuest() });
  await using served = await servedGateway({
    gateway: { listen: '127.0.0.1:0' },
    plugins: { one: { path: echo }, other: { path: echo, answers: { echo: {} } } },
  });
  const client = await served.connect();
  const message = '{"message":"kept","more":[1,2,3]}';
  expect(await call(client, 'one__echo', { message })).toBe('{"message":"kept"}');
  expect(await call(client, 'other__echo', { message })).toBe(message);
  expect(await call(client, 'one__echo', { message: '{"other":1}' })).toBe('{"other":1}');
});

test('savings are in the audit log and in the metrics; what is given as it came has none', async () => {
  const logDir = mkdtempSync(join(tmpdir(), 'lockgate-audit-'));
  await using data = await serveData();
  const rules = { give: { fields: ['/title'] } };
  await using served = await servedGateway({
    gateway: { listen: '127.0.0.1:0', logDir },
    mcpServers: { data: { url: data.url, answers: rules } },
  });
  const client = await served.connect();
  await call(client, 'data__give', { data: ISSUES });
  await call(client, 'data__give', { data: 'plain' });
  const metrics = await (await fetch(new URL('/metrics', served.url))).text();
  const saved = Number(/lockgate_saved_bytes_total\{server="data"\} (\d+)/.exec(metrics)?.[1]);
  expect(saved).toBeGreaterThan(300);
  await served.gateway.close();
  const lines = readFileSync(join(logDir, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
  const calls = lines.map((line) => JSON.parse(line)).filter(({ target }) => target === 'data__give');
  expect(calls.map(({ savedBytes }) => savedBytes)).toEqual([saved, undefined]);
});

test('what the monitor withholds is in no form of the answer', async () => {
  const folder = someFiles();
  writeFileSync(join(folder, 'list.json'), ISSUES);
  const logDir = mkdtempSync(join(tmpdir(), 'lockgate-audit-'));
  const gateway = { listen: '127.0.0.1:0', logDir };
  await using served = await servedGateway(guardedFiles(folder, { mode: 'filter' }, { gateway }));
  const client = await served.connect();
  const asked = async (answer: unknown): Promise<string> => {
    const _meta = { [ANSWER]: answer };
    const result = await client.callTool({ name: 'files__directory_tree', arguments: { path: folder }, _meta });
    return JSON.stringify(result);
  };
  for (const answer of [false, { query: '@' }, { fields: ['/name'] }, { omit: ['/type'] }, { query: '[].name' }]) {
    const told = await asked(answer);
    expect(told).toContain('notes.txt');
    expect(told).toMatch(/\[Filtered\] \d of/);
    expect(told).not.toContain('private');
  }
  await served.gateway.close();
  const lines = readFileSync(join(logDir, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
  const calls = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'call');
  expect(calls.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 5 }, () => 'filtered'));
});
