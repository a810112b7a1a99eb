import { chmod, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { echoGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { createGateway } from '../../src/gateway.ts';
import { silentLogger } from '../../src/logger.ts';
import { connect, textOf } from './clients.ts';

describe('a cache directory that cannot be used never stops the start', () => {
  /** Makes the directory, at a path that is free, and says where it is. */
  type Prepare = (path: string) => Promise<string>;
  const cases: [string, Prepare, RegExp][] = [
    ['a file', (path) => writeFile(path, '').then(() => path), /not a directory/],
    ['below a file', (path) => writeFile(path, '').then(() => join(path, 'below')), /not a directory/],
    ['where no folder can be made', async () => '/proc/lockgate/cache', /cannot be made|ENOENT|not/],
    [
      'a folder that others can write',
      async (path) => {
        await mkdir(path);
        await chmod(path, 0o777);
        return path;
      },
      /write|writable/,
    ],
    [
      'a link',
      async (path) => {
        await symlink(await mkdtemp(join(tmpdir(), 'lockgate-real-')), path);
        return path;
      },
      /link/,
    ],
  ];

  test.each(cases)('%s: one warning that says why, and every call is answered', async (_, prepare, reason) => {
    const folder = await mkdtemp(join(tmpdir(), 'lockgate-cache-'));
    await writeFile(join(folder, 'echo.wasm'), echoGuest());
    const wasmCacheDir = await prepare(join(folder, 'cache'));
    const warnings: string[] = [];
    const logger = {
      ...silentLogger,
      warn: (fields: object, message: string) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
    };
    await using gateway = await createGateway(
      {
        gateway: { listen: '127.0.0.1:0', wasmCacheDir },
        plugins: { echo: { path: join(folder, 'echo.wasm') } },
      },
      { logger, startWindowMs: 60_000 },
    );
    await using client = await connect((await gateway.listen()).url);
    expect(textOf(await client.callTool({ name: 'echo__echo', arguments: { message: 'hi' } }))).toBe('hi');
    expect(warnings).toEqual([expect.stringMatching(reason)]);
  });
});
