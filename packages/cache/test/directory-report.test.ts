import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clearCache, describeCache } from '../src/directory-report.ts';
import { type EntryDescription, encodeHead } from '../src/entry.ts';
import { realPorts } from '../src/open.ts';
import { warmCache, warmCacheWith } from '../src/warm.ts';
import { digestOf, loopModule, loopResult } from './fixtures/modules.ts';
import { answerOf, noDisk, runProgram, serializer, temporaryFolder } from './fixtures/setting.ts';

const MARK = `${'0'.repeat(64)}.${'0'.repeat(16)}.00000000.code.learn`;

describe.skipIf(noDisk)('lockgate cache warm', () => {
  test('gives even the first process optimised code, and says what became of each file', async () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, 'cache');
    const file = (name: string, bytes: Uint8Array): string => {
      writeFileSync(join(folder.path, name), bytes);
      return join(folder.path, name);
    };
    const files = [
      file('large.wasm', loopModule(1)),
      file('small.wasm', loopModule(1, 1000)),
      file('rubbish.wasm', Buffer.from('no module')),
      join(folder.path, 'missing.wasm'),
    ];
    const heard: string[] = [];
    const results = await warmCache({ directory, files, onResult: ({ outcome }) => heard.push(outcome) });
    expect(results).toMatchObject([
      { file: files[0], outcome: 'written', entryBytes: describeCache(directory).bytes },
      { outcome: 'skipped', why: expect.stringMatching(/262144 bytes/) },
      { outcome: 'failed', why: expect.stringMatching(/rubbish\.wasm is no module/) },
      { outcome: 'failed', why: expect.stringMatching(/ENOENT/) },
    ]);
    expect(heard).toEqual(['written', 'skipped', 'failed', 'failed']);
    expect(await warmCache({ directory, files: files.slice(0, 1) })).toMatchObject([{ outcome: 'present' }]);
    const first = answerOf(runProgram('loop-program.ts', [directory, '1', '10']));
    expect(first).toMatchObject({ result: loopResult(1, 10), stats: { hits: 1, misses: 0 } });
  });

  test('works from the profile that an earlier process left', async () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, 'cache');
    answerOf(runProgram('loop-program.ts', [directory, '1', '30000000']));
    writeFileSync(join(folder.path, 'm.wasm'), loopModule(1));
    expect(await warmCache({ directory, files: [join(folder.path, 'm.wasm')] })).toMatchObject([
      { outcome: 'written' },
    ]);
    expect(describeCache(directory).entries).toMatchObject([{ kind: 'profile', generation: 1 }]);
  });

  test('can be cancelled', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'm.wasm'), loopModule(1));
    const files = [join(folder.path, 'm.wasm'), join(folder.path, 'm.wasm')];
    const control = new AbortController();
    const spawn = ((_: string, __: string[], options: object) => {
      queueMicrotask(() => control.abort());
      return realPorts.spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], options);
    }) as typeof realPorts.spawn;
    const options = { directory: join(folder.path, 'cache'), files, signal: control.signal };
    const results = await warmCacheWith(options, { ...realPorts, spawn });
    expect(results).toMatchObject([{ outcome: 'failed', why: 'cancelled' }, { outcome: 'failed' }]);
  });

  test('says why nothing can be done', async () => {
    const ports = { ...realPorts, findSerializer: () => ({ reason: 'no native addon' }) };
    await expect(warmCacheWith({ directory: '/x', files: [] }, ports)).rejects.toThrow(/no native addon/);
  });
});

describe.skipIf(noDisk)('lockgate cache stats and clear', () => {
  test('name each entry, and what is none', () => {
    using folder = temporaryFolder();
    answerOf(runProgram('loop-program.ts', [folder.path, '1', '30000000']));
    answerOf(runProgram('loop-program.ts', [folder.path, '2', '30000000'], { flags: ['--expose-gc'] }));
    writeFileSync(join(folder.path, `${'0'.repeat(64)}.${'0'.repeat(16)}.00000000.code`), 'rubbish');
    const report = describeCache(folder.path);
    expect(report.unreadable).toBe(1);
    const wasms = Object.fromEntries(report.entries.map(({ wasm, usable, kind }) => [wasm, { usable, kind }]));
    expect(wasms).toEqual({
      [digestOf(loopModule(1))]: { usable: true, kind: 'seed' },
      [digestOf(loopModule(2))]: { usable: false, kind: 'seed' },
    });
  });

  test('an entry whose head is whole and says nothing that can be read is reported, not thrown at the reader', () => {
    using folder = temporaryFolder();
    const checksum = (bytes: Uint8Array): bigint => serializer().checksum(bytes);
    const broken = ['{"wasm":', 'null', '"text"', '{}', '{"wasm":1,"wasmBytes":1,"generation":1,"costMs":1}'];
    for (const [index, json] of broken.entries()) {
      const head = Buffer.from(encodeHead({ wasm: '' } as EntryDescription, new Uint8Array(), checksum));
      head.fill(0, 32);
      head.writeUInt32LE(json.length, 12);
      head.write(json, 40);
      head.writeBigUInt64LE(checksum(head), 32);
      writeFileSync(join(folder.path, `${String(index).repeat(64)}.${'0'.repeat(16)}.00000000.code`), head);
    }
    expect(describeCache(folder.path)).toMatchObject({ entries: [], unreadable: broken.length });
  });

  test('clear leaves the files that a living process writes, and takes those of killed ones', () => {
    using folder = temporaryFolder();
    const nowMs = Date.now();
    const age = (name: string, minutes: number): void => {
      writeFileSync(join(folder.path, name), '');
      utimesSync(join(folder.path, name), nowMs / 1000 - minutes * 60, nowMs / 1000 - minutes * 60);
    };
    age('input.0123456789ab.tmp', 59);
    age('input.ba9876543210.tmp', 61);
    expect(clearCache(folder.path).files).toBe(2); // the directory tag is one of them
    expect(readdirSync(folder.path)).toEqual(['input.0123456789ab.tmp']);
  });

  test('clear leaves what others put there, and no debris of ours', () => {
    using folder = temporaryFolder();
    answerOf(runProgram('loop-program.ts', [folder.path, '1', '30000000']));
    const debris = [`${'0'.repeat(64)}.${'0'.repeat(16)}.00000000.code.0123456789ab.tmp`, 'input.0123456789ab.tmp'];
    for (const name of [...debris, 'optimizer.lock', MARK, 'notes.txt', 'other.tmp'])
      writeFileSync(join(folder.path, name), '');
    for (const name of debris) utimesSync(join(folder.path, name), 0, 0);
    mkdirSync(join(folder.path, 'folder'));
    expect(clearCache(folder.path).files).toBe(6);
    expect(readdirSync(folder.path).sort()).toEqual(['folder', 'notes.txt', 'other.tmp']);
  });

  test('a directory that is not there is empty, and is not made', () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, 'none');
    expect(describeCache(directory)).toEqual({ directory, entries: [], bytes: 0, unreadable: 0 });
    expect(clearCache(directory)).toEqual({ files: 0, bytes: 0 });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('clear refuses a directory that is not ours alone', () => {
    expect(() => clearCache('/tmp')).toThrow(/writable by others/);
  });
});
