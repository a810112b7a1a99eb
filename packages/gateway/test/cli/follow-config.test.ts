import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openConfig } from '../../src/cli/config-options.ts';
import { followConfig } from '../../src/cli/follow-config.ts';
import type { LockgateFile } from '../../src/config/schema.ts';
import { folderWith } from './run-lockgate.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

/** Follows a configuration; what is said and what is applied are kept. */
async function follow(first: LockgateFile) {
  const workingFolder = await folderWith({ 'lockgate.json': JSON.stringify(first) });
  const stream = new PassThrough();
  const terminal = { stdin: stream, piped: false, stdout: stream, stderr: stream, environment: {}, workingFolder };
  const opened = await openConfig({}, terminal);
  const said: [object, string][] = [];
  const applied: LockgateFile[] = [];
  const say = (facts: object, text: string): unknown => said.push([facts, text]);
  const logger = { debug: say, info: say, warn: say, error: say };
  const gateway = { reconfigure: async (next: LockgateFile) => void applied.push(next) };
  const logging = { logger, addSecrets() {}, setLevel() {}, close: async () => {} };
  const stop = followConfig(opened, opened.config, gateway, logging);
  const change = async (next: LockgateFile): Promise<[object, string][]> => {
    await writeFile(join(workingFolder, 'lockgate.json'), JSON.stringify(next));
    const before = said.length;
    await expect
      .poll(async () => {
        await vi.advanceTimersByTimeAsync(1_000);
        return said.length;
      })
      .toBeGreaterThan(before);
    await stopApplying();
    return said.splice(0);
  };
  /** Lets what is being applied come to its end. */
  const stopApplying = () => vi.advanceTimersByTimeAsync(1_000);
  return { change, applied, stop };
}

test('a changed address waits for a restart, and is said to be applied by nobody', async () => {
  const { change, applied, stop } = await follow({ gateway: { listen: '127.0.0.1:1001' } });
  expect(await change({ gateway: { listen: '127.0.0.1:10002' } })).toEqual([
    [{ keys: ['gateway.listen'] }, 'these changes of the configuration wait for a restart'],
  ]);
  expect(applied).toEqual([]);
  const more = await change({ gateway: { listen: '127.0.0.1:10002', mode: 'routed', logLevel: 'warn' } });
  expect(more).toMatchObject([
    [{ keys: ['gateway.listen', 'gateway.mode'] }, 'these changes of the configuration wait for a restart'],
    [{ gateway: ['logLevel'] }, 'configuration applied'],
  ]);
  expect(applied).toMatchObject([{ gateway: { listen: '127.0.0.1:1001', mode: 'unified', logLevel: 'warn' } }]);
  await stop();
});
