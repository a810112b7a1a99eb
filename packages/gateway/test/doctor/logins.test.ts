import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfigFile } from '../../src/config/load.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { OWN } from '../../src/login/holder.ts';
import type { Logins } from '../../src/login/logins.ts';
import { openOwnLogins } from '../../src/login/own-logins.ts';
import { credentialRecords } from '../../src/state/credential-record.ts';
import { runLockgate } from '../cli/run-lockgate.ts';
import { serveLogin } from '../fixtures/login-server.ts';

/** Somebody logs in. */
async function logIn(logins: Logins, holder: string, user: string): Promise<void> {
  const { url } = await logins.begin('any', holder, { redirectUri: 'http://127.0.0.1:1/back' });
  const response = await fetch(`${url}&as=${user}`, { redirect: 'manual' });
  await logins.finish(new URL(response.headers.get('location') ?? '').searchParams, undefined);
}

test('a server that each caller logs in to is examined with the login of whoever asks, and of the others is told what is kept', async () => {
  await using server = await serveLogin();
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'lockgate.json');
  const gateway = { vault: { dir: './vault', keyFile: './key' } };
  const mcpServers = { any: { url: server.url, credential: 'user' } };
  await writeFile(file, JSON.stringify({ gateway, mcpServers }));
  const world = { workingFolder: folder };
  await runLockgate(['vault', 'init'], world);
  const text = await loadConfigFile(file);
  const { config } = resolveConfig({ text, folder, flags: {}, environment: {}, workingFolder: folder });
  const logins = openOwnLogins(config.gateway.vault, Date.now);
  logins.configure('any', config.mcpServers.any as never);
  const holderOf = (name: string): string => JSON.stringify(['api-key', name]);
  await logIn(logins, holderOf('alice'), 'alice');
  await logIn(logins, holderOf('bob'), 'bob');
  const vault = await logins.vault();
  await vault.exclusive(credentialRecords, ['any', holderOf('bob')], async (slot) => {
    const { refreshToken: _, ...record } = (await slot.read()) ?? expect.fail('bob has no login');
    await slot.write({ ...record, expiresAt: 1 });
  });
  const examine = async () => (await runLockgate(['doctor', 'any'], world)).stdout;
  const without = await examine();
  expect(without).toContain('it needs a login');
  expect(without).toContain('logins of 2 callers are kept');
  expect(without).toContain('the login of bob has ended, and cannot be renewed');
  expect(server.seen).toEqual([]);
  await logIn(logins, OWN, 'olga');
  expect(await examine()).toContain('it answers');
  expect(new Set(server.seen.map(({ user }) => user))).toEqual(new Set(['olga']));
});
