import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { echoGuest } from '@lockgate/testkit';
import type { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import { connect } from './clients.ts';
import { serveData } from './data-server.ts';
import { guardedFiles, moduleFiles, servedGateway, someFiles } from './guarded-files.ts';

const ISSUES = {
  total: 300,
  items: Array.from({ length: 300 }, (_, n) => ({ number: n, title: `Title of ${n}, été` })),
};
const LONG = JSON.stringify(ISSUES);
const LIMITS = { maxResultBytes: 4_000, previewBytes: 500 };
const gateway = { listen: '127.0.0.1:0', answers: LIMITS };

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly uri?: string;
}

async function blocksOf(client: Client, name: string, args: object): Promise<readonly Block[]> {
  const { content } = await client.callTool({ name, arguments: args as Record<string, unknown> });
  return content as readonly Block[];
}

/** The address of what was kept of an answer. */
const linkOf = (blocks: readonly Block[]): string => blocks.find(({ type }) => type === 'resource_link')?.uri ?? '';

async function read(client: Client, uri: string): Promise<string[]> {
  const { contents } = await client.readResource({ uri });
  return contents.map((part) => ('text' in part ? part.text : ''));
}

describe.each(['legacy', 'modern'] as const)('for a %s client', (era) => {
  test('a long answer comes as its beginning, its type and a link, and can be read in parts and by query', async () => {
    await using data = await serveData();
    await using served = await servedGateway({ gateway, mcpServers: { data: { url: data.url } } });
    await using client = await connect(served.url, era);
    const blocks = await blocksOf(client, 'data__give', { data: LONG });
    expect(blocks[0]?.text).toBe(LONG.slice(0, blocks[0]?.text?.length));
    const bytes = Buffer.byteLength(LONG).toLocaleString('en');
    expect(blocks[1]?.text).toMatch(
      new RegExp(`^\\[Cut: the first (500|499) of ${bytes} bytes\\. All of it is the resource lockgate:`),
    );
    expect(blocks[1]?.text).toContain('?query=items[0:20].');
    expect(blocks[1]?.text).toContain('Type: {total: number, items: {number: number, title: string}[300]}');
    const uri = linkOf(blocks);
    expect(await read(client, uri)).toEqual([LONG]);
    expect(await read(client, `${uri}?query=items[298:].title`)).toEqual([
      JSON.stringify(['Title of 298, été', 'Title of 299, été']),
    ]);
    const parts: string[] = [];
    for (let next: string | undefined = `${uri}?length=3000`; next; ) {
      const [part = '', note] = await read(client, next);
      parts.push(part);
      next = /Next: (\S+)\]/.exec(note ?? '')?.[1];
    }
    expect(parts.length).toBeGreaterThan(4);
    expect(parts.join('')).toBe(LONG);
    await expect(read(client, `${uri}?query=items[`)).rejects.toThrow(/the query is no JMESPath/);
    await expect(read(client, `${uri}x`)).rejects.toThrow(/Resource not found/);
  });

  test('a plugin’s long answers are resources as well, though it has none', async () => {
    const { echo } = moduleFiles({ echo: echoGuest() });
    await using served = await servedGateway({ gateway, plugins: { echo: { path: echo } } });
    for (const url of [served.url, `${served.url}/echo`]) {
      await using client = await connect(url, era);
      const name = url === served.url ? 'echo__echo' : 'echo';
      const uri = linkOf(await blocksOf(client, name, { message: LONG }));
      expect(await read(client, uri)).toEqual([LONG]);
      expect((await client.listResources()).resources).toEqual([]);
    }
  });
});

test('an answer that is kept is read by its session alone, and goes with it', async () => {
  await using data = await serveData();
  const dir = mkdtempSync(join(tmpdir(), 'lockgate-kept-'));
  const answers = { ...LIMITS, store: { dir } };
  await using served = await servedGateway({
    gateway: { ...gateway, answers },
    mcpServers: { data: { url: data.url } },
  });
  await using ann = await connect(served.url, 'legacy');
  await using bob = await connect(served.url, 'legacy');
  await using modern = await connect(served.url, 'modern');
  const uri = linkOf(await blocksOf(ann, 'data__give', { data: LONG }));
  expect(await read(ann, uri)).toEqual([LONG]);
  for (const other of [bob, modern]) await expect(read(other, uri)).rejects.toThrow(/Resource not found/);
  const files = (): string[] => readdirSync(dir).flatMap((name) => readdirSync(join(dir, name)));
  expect(files()).toHaveLength(1);
  await (ann.transport as StreamableHTTPClientTransport).terminateSession();
  await expect.poll(files).toEqual([]);
});

test('execute takes the address of a long answer as its tool, and nothing of a query is in the audit log', async () => {
  const logDir = mkdtempSync(join(tmpdir(), 'lockgate-audit-'));
  await using data = await serveData();
  await using served = await servedGateway({
    gateway: { ...gateway, discovery: 'search', logDir },
    mcpServers: { data: { url: data.url } },
  });
  const client = await served.connect();
  const targets = (): string[] =>
    readFileSync(join(logDir, 'audit.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).target);
  const execute = (tool: string, more: object = {}) => blocksOf(client, 'execute', { tool, ...more });
  const uri = linkOf(await execute('data__give', { arguments: { data: LONG } }));
  expect(await execute(`${uri}?query=items[7].title`)).toEqual([{ type: 'text', text: '"Title of 7, été"' }]);
  const [part, note] = await execute(`${uri}?offset=0&length=10`);
  expect([part?.text, note?.text]).toEqual([LONG.slice(0, 10), expect.stringContaining('?offset=10&length=10')]);
  expect(await execute(`${uri}?query=[`)).toEqual([{ type: 'text', text: expect.stringContaining('no JMESPath') }]);
  await client.readResource({ uri: `${uri}?query=items[8].title` });
  await served.gateway.close();
  expect(targets()).toEqual(['data__give', uri, uri, 'execute', uri]);
});

describe('behind a guard', () => {
  const secret = `DIARY ${'of a long winter '.repeat(400)}`;

  test('a kept answer carries the labels of the answer: who has given them up does not get it again', async () => {
    const folder = someFiles();
    writeFileSync(join(folder, 'private/diary.txt'), secret);
    await using served = await servedGateway(guardedFiles(folder, { mode: 'propagate' }, { gateway }));
    // What is read without a session stays with the caller, until the operator says otherwise.
    await using client = await connect(served.url, 'modern');
    const blocks = await blocksOf(client, 'files__read_text_file', { path: join(folder, 'private/diary.txt') });
    const uri = linkOf(blocks);
    expect(await read(client, `${uri}?length=5`)).toEqual(['DIARY', expect.stringContaining('Next:')]);
    await served.gateway.resetCaller('anonymous');
    await expect(read(client, `${uri}?length=5`)).rejects.toThrow(
      /may no longer be given; the agent lacks secrecy: private:files/,
    );
    await expect(read(client, uri)).rejects.toThrow(/lacks secrecy/);
  });

  test('what is withheld is not kept either', async () => {
    const folder = someFiles();
    for (let n = 0; n < 300; n++) writeFileSync(join(folder, `open-notes-of-day-${n}.txt`), '');
    await using served = await servedGateway(guardedFiles(folder, { mode: 'filter' }, { gateway }));
    const client = await served.connect();
    const blocks = await blocksOf(client, 'files__list_directory', { path: folder });
    expect(blocks.at(-1)?.type === 'text' ? blocks.at(-1)?.text : blocks.at(-2)?.text).toContain('[Filtered] 1 of');
    const [kept = ''] = await read(client, linkOf(blocks));
    expect(kept.split('\n').length).toBeGreaterThan(300);
    expect(kept).not.toContain('private');
  });

  test('a changed policy ends what was kept', async () => {
    const folder = someFiles();
    writeFileSync(join(folder, 'notes.txt'), secret);
    const config = (rules: object) => guardedFiles(folder, { mode: 'filter', ...rules }, { gateway });
    await using served = await servedGateway(config({}));
    const client = await served.connect();
    const uri = linkOf(await blocksOf(client, 'files__read_text_file', { path: join(folder, 'notes.txt') }));
    expect(await read(client, uri)).toEqual([secret]);
    await served.gateway.reconfigure(config({ folders: { private: ['private:other'] } }));
    await expect(read(client, uri)).rejects.toThrow(/Resource not found/);
  });
});
