import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Era } from '../../src/protocol/era.ts';
import { connect } from './clients.ts';
import { call, guardedFiles, servedGateway, someFiles } from './guarded-files.ts';

const key = (name: string): string => `${name}-${'k'.repeat(40)}`;

/** Files behind a guard that wants this mode, with profiles that want each. */
async function served(mode: 'strict' | 'propagate') {
  const folder = someFiles();
  const apiKeys = [
    { name: 'free', key: key('free') },
    { name: 'held', key: key('held'), profile: 'safe' },
  ];
  const { mcpServers, guards } = guardedFiles(folder, { mode });
  const gateway = await servedGateway({
    gateway: { listen: '127.0.0.1:0', auth: { apiKeys } },
    profiles: { safe: { guardsMode: 'strict' }, loose: { guardsMode: 'propagate' } },
    guards,
    mcpServers: { files: mcpServers?.files } as never,
  });
  const read = async (at: string, name: string, era: Era): Promise<string> => {
    await using client = await connect(gateway.url + at, era, { authorization: `Bearer ${key(name)}` });
    return await call(client, 'files__read_text_file', { path: join(folder, 'private/diary.txt') });
  };
  return { read, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

describe.each<Era>(['legacy', 'modern'])('a profile with a mode of its own, in the %s era,', (era) => {
  test('is stricter than the guard at its endpoint, and for who is limited to it everywhere', async () => {
    await using gateway = await served('propagate');
    const denied = /^ERROR Denied: .*lacks secrecy: private:files/;
    expect(await gateway.read('/@safe', 'free', era)).toMatch(denied);
    expect(await gateway.read('', 'held', era)).toMatch(denied);
    expect(await gateway.read('/@loose', 'held', era)).toMatch(denied);
    expect(await gateway.read('/@loose', 'free', era)).toBe('DIARY');
  });

  test('is never laxer than the guard', async () => {
    await using gateway = await served('strict');
    for (const at of ['', '/@loose']) expect(await gateway.read(at, 'free', era)).toMatch(/^ERROR Denied/);
  });
});
