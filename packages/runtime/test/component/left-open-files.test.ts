import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openPlugin } from '../open-plugin.ts';
import { i32Const } from './core-module.ts';
import { toolComponent } from './tool-component.ts';

const ANSWER = 64;
const PATH = 128;
const FILES = 20;
const [GET_DIRECTORIES, OPEN_AT] = [0, 1];
const LOAD = [0x28, 2, 0];

const errors =
  'access would-block already bad-descriptor busy deadlock quota exist file-too-large illegal-byte-sequence in-progress interrupted invalid io ' +
  'is-directory loop too-many-links message-size name-too-long no-device no-entry no-lock insufficient-memory insufficient-space not-directory ' +
  'not-empty not-recoverable unsupported no-tty no-such-device overflow not-permitted pipe read-only invalid-seek text-file-busy cross-device';

/** Opens a file twenty times over, and then loops for ever. */
const hanging = toolComponent({
  tool: { params: {} },
  imports: {
    'wasi:filesystem/types': {
      descriptor: null,
      '[method]descriptor.open-at': {
        params: {
          self: { borrow: 0 },
          'path-flags': { flags: ['symlink-follow'] },
          path: 'string',
          'open-flags': { flags: ['create', 'directory', 'exclusive', 'truncate'] },
          flags: {
            flags: [
              'read',
              'write',
              'file-integrity-sync',
              'data-integrity-sync',
              'requested-write-sync',
              'mutate-directory',
            ],
          },
        },
        result: { result: [{ own: 0 }, { enum: errors.split(' ') }] },
      },
    },
    'wasi:filesystem/preopens': (of) => ({
      descriptor: of('wasi:filesystem/types#descriptor'),
      'get-directories': { params: {}, result: { list: { tuple: [{ own: 1 }, 'string'] } } },
    }),
  },
  lowered: [
    { from: 'wasi:filesystem/preopens', name: 'get-directories', params: ['i32'], results: [] },
    {
      from: 'wasi:filesystem/types',
      name: '[method]descriptor.open-at',
      params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
      results: [],
    },
  ],
  data: { offset: PATH, bytes: [...new TextEncoder().encode('a.txt')] },
  code: [
    ...i32Const(ANSWER),
    ...[0x10, GET_DIRECTORIES],
    ...Array.from({ length: FILES }, () => [
      // The first handle of the list that was answered.
      ...[...i32Const(ANSWER), ...LOAD, ...LOAD],
      ...[...i32Const(0), ...i32Const(PATH), ...i32Const(5), ...i32Const(0), ...i32Const(1), ...i32Const(ANSWER + 16)],
      ...[0x10, OPEN_AT],
    ]).flat(),
    ...[0x03, 0x40, 0x0c, 0, 0x0b],
  ],
});

const descriptors = (): number => readdirSync('/proc/self/fd').length;

describe.skipIf(process.platform !== 'linux')('files of a component (counted in /proc, which only Linux has)', () => {
  test('are closed when its thread is ended in the middle of a call', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-granted-'));
    writeFileSync(join(folder, 'a.txt'), 'a');
    await using opened = await openPlugin(hanging, {
      isolation: 'worker',
      callTimeoutMs: 1_000,
      storage: [{ path: folder, writable: false }],
    });
    const before = descriptors();
    await expect(opened.plugin.execute('run', {})).rejects.toMatchObject({ code: 'RUNTIME_CALL_TIMEOUT' });
    await opened.plugin.tools(); // another thread has taken its place
    expect(descriptors() - before).toBeLessThan(FILES / 2);
  });
});
