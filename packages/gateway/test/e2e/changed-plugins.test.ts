import { fetchEchoGuest } from '@lockgate/testkit';
import { expect, test, vi } from 'vitest';
import { createGateway } from '../../src/gateway.ts';
import { connect, textOf } from './clients.ts';
import { moduleFiles } from './guarded-files.ts';

// How long a list waits is a limit on the machine here, and not on what is tested.
vi.mock('../../src/upstream/first-waits.ts', async (original) => ({
  ...(await original<typeof import('../../src/upstream/first-waits.ts')>()),
  LISTS_WAIT_MS: 60_000,
}));

const files = moduleFiles({ web: fetchEchoGuest() });

const config = (round: number, more: object = {}) =>
  ({
    gateway: { listen: '127.0.0.1:0' },
    plugins: { web: { path: files.web, settings: { round: String(round) }, ...more } },
  }) as never;

/** A gateway in which nobody waits for servers otherwise, and a client of it. */
async function open() {
  await using opening = new AsyncDisposableStack();
  const gateway = opening.use(await createGateway(config(0), { startWindowMs: 0 }));
  const client = opening.use(await connect((await gateway.listen()).url, 'legacy'));
  const call = async (): Promise<string> => {
    const asked = client.callTool({ name: 'web__fetch-url', arguments: { message: 'http://127.0.0.1:1/' } });
    return asked.then(textOf, ({ message }: Error) => message);
  };
  const owned = opening.move();
  return { gateway, client, call, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What the guest itself says of an address that it was not granted. */
const RAN = /^response:.*only a grant of that address allows it/;

test('a plugin that has just been started is waited for by the calls of its tools', async () => {
  await using opened = await open();
  expect(await opened.call()).toMatch(RAN);
});

test('a plugin whose entry changes again and again refuses no call, and no list is without its tools', async () => {
  await using opened = await open();
  let isOver = false;
  const heard = new Set<string>();
  const lists = new Set<number>();
  const callers = Array.from({ length: 4 }, async () => {
    while (!isOver) heard.add(await opened.call());
  });
  const lister = async (): Promise<void> => {
    while (!isOver) lists.add((await opened.client.listTools()).tools.length);
  };
  const listing = lister();
  for (let round = 1; round <= 12; round++) {
    await opened.gateway.reconfigure(config(round));
    if (round % 3 === 0) await opened.call();
  }
  isOver = true;
  await Promise.all([...callers, listing]);
  for (const answer of heard) expect(answer).toMatch(RAN);
  expect(lists.size).toBe(1);
  expect(lists).not.toContain(0);
});

test('a plugin whose changed entry cannot be loaded gives the calls that waited the reason', async () => {
  await using opened = await open();
  await opened.call();
  const changed = opened.gateway.reconfigure(
    config(1, { path: undefined, url: 'http://127.0.0.1:1/a.wasm', sha256: '0'.repeat(64) }),
  );
  const during = opened.call();
  await changed;
  expect(await opened.call()).toMatch(/"web" could not be loaded \(.*\)/);
  expect(await during).not.toMatch(/is starting/);
});

test('a changed entry is told once, when the plugin that comes of it can be listed', async () => {
  await using opened = await open();
  await opened.call();
  const told: number[] = [];
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  opened.client.setNotificationHandler('notifications/tools/list_changed', async () => {
    told.push((await opened.client.listTools()).tools.length);
    resolve();
  });
  await opened.gateway.reconfigure(config(1));
  await heard;
  await opened.call();
  expect(told).toEqual([(await opened.client.listTools()).tools.length]);
});
