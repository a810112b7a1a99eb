import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { AnswerStore } from '../../src/answers/answer-store.ts';
import type { Endpoint } from '../../src/call/endpoint.ts';
import { KeptAnswers } from '../../src/call/kept-answers.ts';
import { silentLogger } from '../../src/logger.ts';
import type { CallMonitor } from '../../src/monitor/call-monitor.ts';
import { toLabel } from '../../src/monitor/label.ts';
import { fakeExchange } from './fake-exchange.ts';

const TEXT = 'long '.repeat(100);
const LABEL = toLabel({ secrecy: ['s'], integrity: [] });

function endpoint(more: { servers?: string[]; tools?: string[] } = {}): Endpoint {
  const { servers = ['files'], tools = ['read'] } = more;
  const allows = (_kind: string, _server: object, name: string) => tools.includes(name);
  return {
    visibleTo: () => servers.map((name) => ({ name })),
    permissionOf: () => ({ allows }),
  } as unknown as Endpoint;
}

async function keeping({ isActive = false, label = undefined as typeof LABEL | undefined } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'lockgate-kept-'));
  const limits = { maxBytes: 10_000, maxSessionBytes: 10_000, keepMs: 60_000 };
  const store = new AnswerStore({ dir, ...limits, now: () => 0, logger: silentLogger });
  const again = vi.fn<CallMonitor['again']>(async () => {});
  const monitor = { isActive, again };
  const kept = new KeptAnswers({ store, monitor: monitor as unknown as CallMonitor, previewBytes: 20 });
  const exchange = fakeExchange('legacy', { peer: { version: '2025-11-25' } });
  const cut = kept.cutFor(exchange.peer, { server: 'files', tool: 'read', label });
  const blocks = await cut({ text: TEXT, value: undefined, limit: 100 });
  const uri = blocks.find((block) => block.text('type') === 'resource_link')?.text('uri') ?? '';
  return { kept, monitor, again, blocks, uri, exchange, [Symbol.asyncDispose]: () => store.close() };
}

test('only who got the answer, still sees its server and may still call its tool reads it', async () => {
  await using at = await keeping();
  const other = fakeExchange('legacy', { peer: { key: 'other', version: '2025-11-25' } });
  expect((await at.kept.read(at.uri, at.exchange, endpoint())).text).toBe(TEXT);
  await expect(at.kept.read(at.uri, other, endpoint())).rejects.toThrow(/not found/);
  await expect(at.kept.read(at.uri, at.exchange, endpoint({ servers: [] }))).rejects.toThrow(/not found/);
  await expect(at.kept.read(at.uri, at.exchange, endpoint({ tools: ['list'] }))).rejects.toThrow(/not found/);
});

test('the monitor is asked at each read, with the label of the answer and the script that reads', async () => {
  await using at = await keeping({ isActive: true, label: LABEL });
  const script = {};
  await at.kept.read(`${at.uri}?length=5`, { ...at.exchange, script } as never, endpoint());
  expect(at.again).toHaveBeenCalledWith(
    expect.objectContaining({ server: 'files', tool: 'read', label: LABEL, script }),
  );
  at.again.mockRejectedValueOnce(new Error('denied'));
  await expect(at.kept.read(at.uri, at.exchange, endpoint())).rejects.toThrow('denied');
});

test('what the monitor has said nothing about is not kept, nor read once it has a say', async () => {
  await using unlabelled = await keeping({ isActive: true });
  expect(unlabelled.blocks.map((block) => block.text('text'))).toEqual([
    TEXT.slice(0, 20),
    expect.stringContaining('The rest is not kept'),
  ]);
  await using before = await keeping();
  before.monitor.isActive = true;
  await expect(before.kept.read(before.uri, before.exchange, endpoint())).rejects.toThrow(/not found/);
});

test('clients of versions that know no links get none', async () => {
  await using at = await keeping();
  const old = fakeExchange('legacy', { peer: { version: '2025-03-26' } });
  const blocks = await at.kept.cutFor(old.peer, { server: 'files', tool: 'read', label: undefined })({
    text: TEXT,
    value: undefined,
    limit: 100,
  });
  expect(blocks.map((block) => block.text('type'))).toEqual(['text', 'text']);
  expect(blocks[1]?.text('text')).toContain('lockgate://answers/');
});

test('no more than the limit is given at once, and an address that asks for nothing is explained', async () => {
  await using at = await keeping();
  const cut = at.kept.cutFor(at.exchange.peer, { server: 'files', tool: 'read', label: undefined });
  const [first] = await cut({ text: TEXT, value: undefined, limit: 7 });
  expect(first?.text('text')).toBe(TEXT.slice(0, 7));
  await expect(at.kept.read(`${at.uri}?offset=-1`, at.exchange, endpoint())).rejects.toThrow(/\?offset=<bytes>/);
});
