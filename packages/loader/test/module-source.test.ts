import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { digestOf, resolveOrigin } from '../src/module-source.ts';
import { temporaryFolder } from './temporary-folder.ts';

const BYTES = new TextEncoder().encode('some module');
const DIGEST = digestOf(BYTES);
const never = new AbortController().signal;
const noFetch = { fetch: () => Promise.reject(new Error('no network in this test')) };

describe('a module source', () => {
  test('is bytes, which a caller may change afterwards without effect', async () => {
    const mine = BYTES.slice();
    const origin = resolveOrigin(mine, DIGEST, noFetch);
    mine.fill(0);

    expect(await origin.read(never)).toEqual({ bytes: BYTES, digest: DIGEST });
    expect(origin).toMatchObject({ label: 'bytes' });
    expect(origin.path).toBeUndefined();
  });

  test('is a path or a file URL, read again each time', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'a b.wasm');
    await writeFile(path, BYTES);
    for (const source of [path, relative(process.cwd(), path), pathToFileURL(path), pathToFileURL(path).href]) {
      const origin = resolveOrigin(source, undefined, noFetch);
      expect(origin.path).toBe(path);
      expect(new Uint8Array((await origin.read(never)).bytes)).toEqual(BYTES);
    }
    const origin = resolveOrigin(path, undefined, noFetch);
    await writeFile(path, 'another');
    expect((await origin.read(never)).digest).not.toBe(DIGEST);
  });

  test('is an https URL, whose digest must be given', async () => {
    const asked: string[] = [];
    const reader = {
      fetch: async (url: string | URL | Request) => {
        asked.push(String(url));
        return new Response(BYTES);
      },
    };
    const origin = resolveOrigin('https://user:secret@modules.test/a.wasm?token=secret', DIGEST.toUpperCase(), reader);

    expect(origin.label).toBe('https://modules.test/a.wasm');
    expect(await origin.read(never)).toEqual({ bytes: Buffer.from(BYTES), digest: DIGEST });
    expect(asked).toEqual(['https://user:secret@modules.test/a.wasm?token=secret']);
    expect(() => resolveOrigin('https://modules.test/a.wasm', undefined, reader)).toThrow(TypeError);
  });

  test('is nothing else', () => {
    expect(() => resolveOrigin('http://modules.test/a.wasm', DIGEST, noFetch)).toThrow(/https: or file:, got http:/);
    expect(() => resolveOrigin('data:application/wasm,', DIGEST, noFetch)).toThrow(TypeError);
    expect(() => resolveOrigin(BYTES, 'abc', noFetch)).toThrow(/64 hexadecimal digits/);
  });

  test('with another digest is refused, with both digests in the error', async () => {
    const origin = resolveOrigin(BYTES, '0'.repeat(64), noFetch);

    await expect(origin.read(never)).rejects.toMatchObject({
      code: 'LOADER_DIGEST_MISMATCH',
      facts: { source: 'bytes', expected: '0'.repeat(64), actual: DIGEST },
    });
  });

  test('that cannot be read says where and why', async () => {
    const missing = resolveOrigin('/no/such/file.wasm', undefined, noFetch);
    await expect(missing.read(never)).rejects.toThrow('Cannot read /no/such/file.wasm: it does not exist.');

    const refused = resolveOrigin('https://modules.test/a.wasm', DIGEST, {
      fetch: async () => new Response('no', { status: 404 }),
    });
    await expect(refused.read(never)).rejects.toMatchObject({
      code: 'LOADER_SOURCE_UNREADABLE',
      facts: { problem: 'the server answered 404' },
    });

    const broken = resolveOrigin('https://modules.test/a.wasm', DIGEST, noFetch);
    await expect(broken.read(never)).rejects.toThrow(/no network in this test/);
  });

  test.skipIf(process.platform === 'win32')('that is a pipe is not waited for', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'a.wasm');
    execFileSync('mkfifo', [path]);
    await expect(resolveOrigin(path, undefined, noFetch).read(never)).rejects.toMatchObject({
      code: 'LOADER_SOURCE_UNREADABLE',
      facts: { problem: 'it is a pipe or a device, not a file' },
    });
  });

  test('that is being fetched is let go when the signal says so', async () => {
    const stop = new AbortController();
    const reader = {
      fetch: (_url: unknown, init?: RequestInit) =>
        new Promise<Response>((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
          stop.abort(new Error('not needed any more'));
        }),
    };
    const origin = resolveOrigin('https://modules.test/a.wasm', DIGEST, reader);

    await expect(origin.read(stop.signal)).rejects.toThrow(/not needed any more/);
  });
});
