import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { newKey } from '../../src/login/key-ring.ts';
import { Logins } from '../../src/login/logins.ts';
import { openVault } from '../../src/login/open-vault.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { serveLogin } from '../fixtures/login-server.ts';

const PROGRAM = fileURLToPath(new URL('../fixtures/renewing-program.ts', import.meta.url));
const MOST_STEPS = 80;
const AT_ONCE = 4;

function openLogins(dir: string, key: string, url: string, later = 0): Logins {
  const logins = new Logins({
    store: createMemoryStore({ now: () => performance.now() }),
    openVault: () => openVault({ dir, key }, Date.now),
    isGuarded: () => false,
    subjectToken: () => undefined,
    now: () => Date.now() + later,
    logger: silentLogger,
  });
  logins.configure('any', { type: 'http', url, headers: {}, credential: 'shared', auth: undefined } as never);
  return logins;
}

/** Logs in, has a process renew the login that is killed at a step, and renews it in the next one. Whether it came so far as to be killed. */
async function survives(server: Awaited<ReturnType<typeof serveLogin>>, step: number): Promise<boolean> {
  const dir = await mkdtemp(join(tmpdir(), 'lockgate-killed-'));
  const key = newKey();
  try {
    const logins = openLogins(dir, key, server.url);
    const begun = await logins.begin('any', 'shared', { redirectUri: 'http://127.0.0.1/back' });
    const sent = await fetch(`${begun.url}&as=user${step}`, { redirect: 'manual' });
    await logins.finish(new URL(sent.headers.get('location') ?? '').searchParams, undefined);

    const args = ['--conditions=@lockgate/source', PROGRAM, dir, key, server.url, String(step)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said, [, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(signal === 'SIGKILL' || said === 'renewed').toBe(true);

    const later = openLogins(dir, key, server.url, 2 * 86_400_000);
    const { authorization = '' } = await later.credential('any', 'shared').headers();
    expect([step, server.userOf(authorization.replace('Bearer ', ''))]).toEqual([step, `user${step}`]);
    expect((await readdir(dir)).filter((name) => name.endsWith('.lock'))).toEqual([]);
    return signal === 'SIGKILL';
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

test('a process that is killed between any two steps of a renewal costs no login, and keeps no other process waiting', async () => {
  await using server = await serveLogin();
  let steps = 0;
  while (steps < MOST_STEPS) {
    const outcomes = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => survives(server, steps + index)));
    steps += outcomes.filter(Boolean).length;
    if (outcomes.includes(false)) break;
  }
  // Lock, read, request, write, rename, unlock: fewer would mean that nothing was looked at.
  expect(steps).toBeGreaterThan(20);
  expect(steps).toBeLessThan(MOST_STEPS);
});
