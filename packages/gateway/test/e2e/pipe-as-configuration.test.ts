import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { echoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { LockgateProcess } from './lockgate-process.ts';

const echo = { path: './echo.wasm', isolation: 'inline' };

test.skipIf(process.platform === 'win32')(
  'a gateway goes on, and can be told again, where a pipe took the place of its configuration',
  async () => {
    const config = { gateway: { listen: '127.0.0.1:0' }, plugins: { echo } };
    await using lockgate = await LockgateProcess.start({ config, files: { 'echo.wasm': echoGuest() } });
    await lockgate.url();
    const file = join(lockgate.folder, 'lockgate.json');
    await rm(file);
    await promisify(execFile)('mkfifo', [file]);
    lockgate.child.kill('SIGHUP');
    await lockgate.said(/no regular file/);
    await rm(file);
    await writeFile(file, JSON.stringify({ ...config, plugins: { echo, more: echo } }));
    lockgate.child.kill('SIGHUP');
    await lockgate.said(/configuration applied/);
    expect(await lockgate.stop()).toBe(0);
  },
);
