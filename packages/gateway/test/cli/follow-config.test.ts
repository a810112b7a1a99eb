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
async function follow(first: LockgateFile, isWatching = true) {
  const workingFolder = await folderWith({ 'lockgate.json': JSON.stringify(first) });
  const stream = new PassThrough();
  const terminal = { stdin: stream, piped: false, stdout: stream, stderr: stream, environment: {}, workingFolder };
  const opened = await openConfig({}, terminal);
  const said: [object, string][] = [];
  const applied: LockgateFile[] = [];
  const say = (facts: object, text: string): unknown => said.push([facts, text]);
  const logger = { debug: say, info: say, warn: say, error: say };
  const reopened: string[] = [];
  const gateway = {
    reconfigure: async (next: LockgateFile) => void applied.push(next),
    reopenLogs: () => void reopened.push('audit log'),
  };
  const logging = { logger, addSecrets() {}, setLevel() {}, reopen: () => void reopened.push('log') };
  const follower = followConfig({ opened, running: opened.config, gateway, logging, isWatching });
  const path = join(workingFolder, 'lockgate.json');
  /** What is said of a reload. */
  const reload = async (text: string): Promise<[object, string][]> => {
    await writeFile(path, text);
    void follower.reload();
    await expect.poll(() => said.length).toBeGreaterThan(0);
    return said.splice(0);
  };
  const change = async (next: LockgateFile): Promise<[object, string][]> => {
    await writeFile(path, JSON.stringify(next));
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
  return { change, reload, applied, reopened, ask: () => follower.reload(), stop: () => follower.close() };
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

test('a reload applies what the files say though nobody watches them, opens the logs again, and always says what came of it', async () => {
  const { reload, applied, reopened, stop } = await follow({ gateway: { logLevel: 'info' } }, false);
  const next = '{"gateway":{"logLevel":"warn","listen":"127.0.0.1:10003"}}';
  const waits = [{ keys: ['gateway.listen'] }, 'these changes of the configuration wait for a restart'];
  expect(await reload('{"gateway":{"logLevel":"warn"}}')).toMatchObject([
    [{ gateway: ['logLevel'] }, 'configuration applied'],
  ]);
  expect(reopened).toEqual(['log', 'audit log']);
  for (const _ of ['first', 'second']) expect((await reload(next))[0]).toEqual(waits);
  expect(await reload('{ "gateway": ')).toMatchObject([
    [{ reason: expect.stringContaining('lockgate.json:1') }, expect.stringContaining('what was served stays')],
  ]);
  expect(applied).toMatchObject([{ gateway: { logLevel: 'warn' } }]);
  await stop();
});

test('a reload that finds nothing new says which change was applied before, and how long ago', async () => {
  const { change, ask, stop } = await follow({ gateway: { logLevel: 'info' } });
  expect((await ask()).appliedBefore).toBeUndefined();
  await change({ gateway: { logLevel: 'warn' } });
  expect(await ask()).toMatchObject({
    difference: { gateway: [] },
    appliedBefore: { difference: { gateway: ['logLevel'] }, agoMs: expect.any(Number) },
  });
  await stop();
});
