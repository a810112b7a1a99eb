import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { AnswerStore, type AnswerStoreOptions } from '../../src/answers/answer-store.ts';
import { silentLogger } from '../../src/logger.ts';

const FACTS = { owner: 'ann', server: 's', tool: 't', label: undefined, isJson: false };

function opened(more: Partial<AnswerStoreOptions> = {}) {
  const clock = { now: 0 };
  const dir = mkdtempSync(join(tmpdir(), 'lockgate-store-'));
  const limits = { maxBytes: 100, maxSessionBytes: 60, keepMs: 1_000 };
  const store = new AnswerStore({ dir, ...limits, now: () => clock.now, logger: silentLogger, ...more });
  const keep = async (text: string, owner = 'ann') => (await store.keep(text, { ...FACTS, owner }))?.id;
  const has = (id: string | undefined, owner = 'ann') => store.find(id ?? '', owner) !== undefined;
  const files = (): string[] => readdirSync(dir).flatMap((name) => readdirSync(join(dir, name)));
  return { store, keep, has, clock, dir, files, [Symbol.asyncDispose]: () => store.close() };
}

test('gives its owner what was kept, and nobody else', async () => {
  await using at = opened();
  const kept = await at.store.keep('héllo', FACTS);
  expect(kept).toMatchObject({ ...FACTS, byteLength: 6 });
  expect(at.has(kept?.id)).toBe(true);
  expect(at.has(kept?.id, 'bob')).toBe(false);
  expect(kept && (await at.store.read(kept)).toString()).toBe('héllo');
});

test('writes files that only the gateway can read, in a folder for its user alone, and removes both', async () => {
  const at = opened();
  await at.keep('PLAIN SECRET');
  const [folder = ''] = readdirSync(at.dir);
  const [file = ''] = at.files();
  expect(statSync(join(at.dir, folder)).mode & 0o077).toBe(0);
  expect(statSync(join(at.dir, folder, file)).mode & 0o077).toBe(0);
  expect(readFileSync(join(at.dir, folder, file)).toString('latin1')).not.toContain('SECRET');
  await at.store.close();
  expect(readdirSync(at.dir)).toEqual([]);
  expect(await at.keep('later')).toBeUndefined();
});

test('does not give what somebody has changed', async () => {
  await using at = opened();
  const kept = await at.store.keep('right', FACTS);
  const [folder = ''] = readdirSync(at.dir);
  writeFileSync(join(at.dir, folder, kept?.id ?? ''), 'wrong');
  await expect(at.store.read(kept as never)).rejects.toThrow();
});

test('lets the oldest answers of a session make way, and never those of another', async () => {
  await using at = opened();
  const others = await at.keep('o'.repeat(50), 'bob');
  const [one, two] = [await at.keep('a'.repeat(25)), await at.keep('b'.repeat(25))];
  const three = await at.keep('c'.repeat(20));
  expect([at.has(one), at.has(two), at.has(three), at.has(others, 'bob')]).toEqual([false, true, true, true]);
  expect(await at.keep('d'.repeat(51))).toBeUndefined();
  expect(await at.keep('e'.repeat(61), 'cyd')).toBeUndefined();
  expect([at.has(two), at.has(three), at.has(others, 'bob')]).toEqual([true, true, true]);
});

test('ends with the time of each answer, the session of its owner, or all at once', async () => {
  await using at = opened();
  const [one, two] = [await at.keep('1'), await at.keep('2', 'bob')];
  at.clock.now = 999;
  const three = await at.keep('3');
  expect([at.has(one), at.has(two, 'bob')]).toEqual([true, true]);
  at.clock.now = 1_000;
  expect([at.has(one), at.has(two, 'bob'), at.has(three)]).toEqual([false, false, true]);
  at.store.forget('ann');
  expect(at.has(three)).toBe(false);
  const four = await at.keep('4', 'bob');
  at.store.clear();
  expect(at.has(four, 'bob')).toBe(false);
  await expect.poll(at.files).toEqual([]);
});

test('says once that it cannot write, and goes on without', async () => {
  const warn = vi.fn();
  const dir = join(mkdtempSync(join(tmpdir(), 'lockgate-store-')), 'file');
  writeFileSync(dir, '');
  await using at = opened({ dir, logger: { ...silentLogger, warn } });
  expect([await at.keep('one'), await at.keep('two')]).toEqual([undefined, undefined]);
  expect(warn).toHaveBeenCalledOnce();
});
