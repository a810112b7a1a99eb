import * as nodeFs from 'node:fs';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { prepareDirectory, thisUser } from '../src/directory.ts';
import { type FileSystem, realFileSystem } from '../src/file-system.ts';
import { openCacheWith, realPorts } from '../src/open.ts';
import { callLoop, loopModule, loopResult } from './fixtures/modules.ts';
import { answerOf, Notes, noDisk, runProgram, temporaryFolder } from './fixtures/setting.ts';

const prepare = (path: string): string | undefined => prepareDirectory(path, realFileSystem, thisUser());
const failing = (operation: 'accessSync' | 'mkdirSync' | 'lstatSync', code: string): FileSystem => ({
  ...nodeFs,
  [operation]: () => {
    throw Object.assign(new Error(code), { code });
  },
});

describe('a directory for machine code', () => {
  test('is made with mode 0700, parents included, and tagged for backup programs', () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'a/b');
    expect(prepare(path)).toBeUndefined();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder.path, 'a')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(path, 'CACHEDIR.TAG'), 'utf8')).toMatch(/^Signature: 8a477f597d28d172789f06886806bc55\n/);
  });

  test('may lie in a folder that everyone may write to if it is sticky', () => {
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o1777);
    expect(prepare(join(folder.path, 'cache'))).toBeUndefined();
  });

  test('may be there already, and keeps the mode its owner gave it', () => {
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o755);
    expect(prepare(folder.path)).toBeUndefined();
    expect(statSync(folder.path).mode & 0o777).toBe(0o755);
  });
});

interface Cause {
  readonly title: string;
  readonly reason: RegExp;
  readonly arrange: (folder: string) => { directory?: string; fs?: FileSystem; uid?: number };
}

const causes: readonly Cause[] = [
  { title: 'no directory', reason: /^no directory was given$/, arrange: () => ({}) },
  {
    title: 'a file in its place',
    reason: /file-here is not a directory$/,
    arrange: (folder) => {
      writeFileSync(join(folder, 'file-here'), '');
      return { directory: join(folder, 'file-here') };
    },
  },
  {
    title: 'a file on its path',
    reason: /is not a directory: something on its path is a file$/,
    arrange: (folder) => {
      writeFileSync(join(folder, 'file-here'), '');
      return { directory: join(folder, 'file-here/below') };
    },
  },
  {
    title: 'a symbolic link, even to a good directory and with a slash behind it',
    reason: /link is a symbolic link/,
    arrange: (folder) => {
      mkdirSync(join(folder, 'good'), { mode: 0o700 });
      symlinkSync(join(folder, 'good'), join(folder, 'link'));
      return { directory: `${join(folder, 'link')}/` };
    },
  },
  {
    title: 'writable by the group',
    reason: /is writable by others \(mode 0770\); chmod it to 0700$/,
    arrange: (folder) => {
      chmodSync(folder, 0o770);
      return { directory: folder };
    },
  },
  {
    title: 'writable by everyone, as /tmp is',
    reason: /is writable by others \(mode 1777\)/,
    arrange: (folder) => {
      chmodSync(folder, 0o1777);
      return { directory: folder };
    },
  },
  {
    title: 'below a folder that everyone may write to',
    reason: /open, above .*below\/it, is writable by everyone \(mode 0777\).*; chmod it to 0755 or 1777$/,
    arrange: (folder) => {
      mkdirSync(join(folder, 'open/below'), { recursive: true });
      chmodSync(join(folder, 'open'), 0o777);
      return { directory: join(folder, 'open/below/it') };
    },
  },
  {
    title: 'reached by a link into a folder that everyone may write to',
    reason: /open, above .*link\/it, is writable by everyone/,
    arrange: (folder) => {
      mkdirSync(join(folder, 'open/below'), { recursive: true });
      chmodSync(join(folder, 'open'), 0o777);
      symlinkSync(join(folder, 'open/below'), join(folder, 'link'));
      return { directory: join(folder, 'link/it') };
    },
  },
  {
    title: 'reached by a link that everyone may replace',
    reason: /open, above .*link\/it, is writable by everyone/,
    arrange: (folder) => {
      mkdirSync(join(folder, 'open'));
      mkdirSync(join(folder, 'good'), { mode: 0o700 });
      chmodSync(join(folder, 'open'), 0o777);
      symlinkSync(join(folder, 'good'), join(folder, 'open/link'));
      return { directory: join(folder, 'open/link/it') };
    },
  },
  {
    title: 'owned by somebody else',
    reason: /belongs to user \d+, not to user 123456$/,
    arrange: (folder) => ({ directory: folder, uid: 123456 }),
  },
  {
    title: 'on a read-only file system',
    reason: /is on a read-only file system$/,
    arrange: (folder) => ({ directory: folder, fs: failing('accessSync', 'EROFS') }),
  },
  {
    title: 'not to be made on a full disk',
    reason: /no space is left$/,
    arrange: (folder) => ({ directory: join(folder, 'new'), fs: failing('mkdirSync', 'ENOSPC') }),
  },
  {
    title: 'in a place that takes no new names',
    reason: /takes no new names$|is not writable|read-only/,
    arrange: () => ({ directory: '/proc/lockgate/cache' }),
  },
  {
    title: 'out of order in a way nobody thought of',
    reason: /cannot be used: EWEIRD$/,
    arrange: (folder) => ({ directory: folder, fs: failing('lstatSync', 'EWEIRD') }),
  },
];

test('where the system has no user ids, modes keep no directory from being used', () => {
  using folder = temporaryFolder();
  chmodSync(folder.path, 0o777);
  expect(prepareDirectory(folder.path, realFileSystem, { uid: 12_345 })).toMatch(/belongs to user|writable by others/);
  expect(prepareDirectory(folder.path, realFileSystem, { uid: undefined })).toBeUndefined();
});

describe('opening a cache falls back to memory, says why once, and compiles all the same', () => {
  const addon = noDisk === undefined ? realPorts.findSerializer : () => ({ serializer: {} as never });

  test.each(causes)('directory: $title', async ({ reason, arrange }) => {
    using folder = temporaryFolder();
    const { directory, fs = realFileSystem, uid } = arrange(folder.path);
    const user = uid === undefined ? thisUser() : { uid };
    await expectMemory({ ...realPorts, fs, user, findSerializer: addon }, directory, reason);
  });

  test('no native addon for this Node', async () => {
    using folder = temporaryFolder();
    const findSerializer = () => ({ reason: 'no native addon for Node 99' });
    await expectMemory({ ...realPorts, findSerializer }, folder.path, /^no native addon for Node 99$/);
  });

  test('an addon that this V8 does not get on with', async () => {
    using folder = temporaryFolder();
    const facts = () => {
      throw new Error('V8 says no');
    };
    const findSerializer = () => ({ serializer: { facts } as never });
    await expectMemory({ ...realPorts, findSerializer }, folder.path, /^this V8 cannot be identified: V8 says no$/);
  });

  test.skipIf(noDisk)('a V8 that is told to make no optimised code', () => {
    using folder = temporaryFolder();
    const flags = ['--liftoff-only'];
    const answer = answerOf(runProgram('loop-program.ts', [folder.path, '1', '10'], { flags }));
    expect(answer).toMatchObject({
      kind: 'memory',
      reason: expect.stringMatching(/--liftoff-only/),
      result: loopResult(1, 10),
    });
  });

  test.skipIf(noDisk)('no permission for addons', () => {
    using folder = temporaryFolder();
    const flags = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*'];
    const answer = answerOf(runProgram('loop-program.ts', [folder.path, '1', '10'], { flags }));
    expect(answer).toMatchObject({
      kind: 'memory',
      reason: expect.stringMatching(/no native addon.*: /),
      result: loopResult(1, 10),
    });
  });

  test('a process without WebAssembly opens a cache, and its compiles say what is missing', () => {
    using folder = temporaryFolder();
    const answer = answerOf(runProgram('jitless-program.ts', [folder.path]));
    expect(answer).toEqual({ kind: 'memory', reason: expect.stringMatching(/--jitless/), code: 'CACHE_COMPILE' });
  });

  const notRoot = process.getuid?.() === 0 ? 65534 : undefined;
  test.skipIf(noDisk)('a directory that this user cannot write to', () => {
    using folder = temporaryFolder();
    if (notRoot !== undefined) nodeFs.chownSync(folder.path, notRoot, notRoot);
    chmodSync(folder.path, 0o500);
    const uid = notRoot === undefined ? {} : { uid: notRoot };
    const answer = answerOf(runProgram('loop-program.ts', [folder.path, '1', '10'], uid));
    chmodSync(folder.path, 0o700);
    expect(answer).toMatchObject({ kind: 'memory', reason: expect.stringMatching(/is not writable for this user$/) });
  });
});

async function expectMemory(ports: typeof realPorts, directory: string | undefined, reason: RegExp): Promise<void> {
  const notes = new Notes();
  const heard: string[] = [];
  const onFallback = (why: string): void => void heard.push(why);
  const options = { ...(directory !== undefined && { directory }), logger: notes, onFallback };
  await using cache = await openCacheWith(options, ports);
  expect(cache.kind).toBe('memory');
  expect(cache.reason).toMatch(reason);
  expect(heard).toEqual([cache.reason]);
  expect(notes.warnings()).toEqual(['compiled modules are kept in memory only']);
  expect(callLoop(await cache.compile(loopModule(30)), 7)).toBe(loopResult(30, 7));
}
