import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  echoGuest,
  endlessGuard,
  errorCodeGuard,
  greedyGuard,
  guardGuest,
  insatiableGuard,
  invalidJsonGuard,
  missingExportGuard,
  trappingGuard,
  wrongSignatureGuard,
} from '@lockgate/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import type { LockgateFile } from '../../src/config/schema.ts';
import { call, moduleFiles, servedGateway } from './guarded-files.ts';

/** The echo plugin behind a guard that is given as bytes. */
function echoBehind(guard: Uint8Array) {
  const files = moduleFiles({ echo: echoGuest(), guard });
  const config = (extra: Partial<LockgateFile> = {}): LockgateFile => ({
    gateway: { listen: '127.0.0.1:0' },
    guards: { watchdog: { path: files.guard, watch: true } },
    plugins: { echo: { path: files.echo, isolation: 'inline', guard: 'watchdog' } },
    ...extra,
  });
  return { files, config };
}

const echo = { message: 'the message' };

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

describe('a guard that', () => {
  const places = ['label_agent', 'label_resource', 'label_response'] as const;
  const faults: [string, (place: (typeof places)[number]) => Uint8Array, RegExp][] = [
    ['traps', (place) => trappingGuard({ in: place }), /trap/i],
    ['loops for ever', (place) => endlessGuard({ in: place }), /took longer|time/i],
    ['grows its memory without end', (place) => greedyGuard({ in: place }), /trap|memory/i],
    ['answers garbage', (place) => invalidJsonGuard({ in: place }), /JSON/],
    ['always wants a larger buffer', (place) => insatiableGuard({ in: place }), /too small|asks for/],
    ['answers an error code', (place) => errorCodeGuard({ in: place }), /-7/],
  ];
  const cases = faults.flatMap(([fault, guard, reason]) =>
    places.map((place) => ({
      fault,
      place,
      reason,
      name: `${fault.replaceAll(' ', '-')}.${place}`,
      bytes: guard(place),
    })),
  );
  // One gateway for all of them: each fault has a plugin of its own behind it.
  const served = once(async () => {
    const files = moduleFiles(
      Object.fromEntries([['echo', echoGuest()], ...cases.map(({ name, bytes }) => [name, bytes])]),
    );
    // Long enough for what a guard that loops is asked before, on a busy machine; the others end by themselves.
    const guards = cases.map(({ name, fault }) => [
      name,
      { path: files[name], ...(fault === 'loops for ever' && { limits: { callTimeoutMs: 2_000 } }) },
    ]);
    const plugins = cases.map(({ name }) => [name, { path: files.echo, isolation: 'inline', guard: name }]);
    const config = { guards: Object.fromEntries(guards), plugins: Object.fromEntries(plugins) };
    return servedGateway({ gateway: { listen: '127.0.0.1:0' }, ...config });
  });
  afterAll(async () => (await served())[Symbol.asyncDispose]());

  test.each(cases)(
    '$fault in $place denies the call, names itself, and the gateway goes on',
    async ({ name, place, reason }) => {
      const client = await (await served()).connect();
      const answer = await call(client, `${name}__echo`, echo);
      expect(answer).toMatch(new RegExp(`^ERROR Denied: guard "${name}" of "${name}" failed in ${place}: `));
      expect(answer).toMatch(reason);
      expect(answer).not.toContain(echo.message);
      expect((await client.listTools()).tools.length).toBeGreaterThan(cases.length);
    },
  );

  test.each([
    ['has an export of the wrong type', wrongSignatureGuard(), /label_resource/],
    ['lacks an export', missingExportGuard(), /label_resource/],
    ['is no module', new Uint8Array([1, 2, 3]), /module/i],
  ])('%s denies every call and says what is wrong', async (_, bytes, reason) => {
    const { config } = echoBehind(bytes);
    await using served = await servedGateway(config());
    const answer = await call(await served.connect(), 'echo__echo', echo);
    expect(answer).toMatch(/^ERROR Denied: guard "watchdog" of "echo" failed in loading: /);
    expect(answer).toMatch(reason);
    expect(served.gateway.status().guards).toMatchObject([
      { server: 'echo', guard: 'watchdog', failure: expect.stringMatching(reason) },
    ]);
  });
});

describe('service comes back with the next good version', () => {
  /** Calls until the answer is good; each call is work for the gateway, so this waits for its progress. */
  async function untilServed(ask: () => Promise<string>): Promise<string> {
    const limit = AbortSignal.timeout(90_000);
    for (;;) {
      const answer = await ask();
      if (!answer.startsWith('ERROR')) return answer;
      limit.throwIfAborted();
    }
  }

  test('of a guard that traps', async () => {
    const { files, config } = echoBehind(trappingGuard({ in: 'label_resource' }));
    await using served = await servedGateway(config());
    const client = await served.connect();
    expect(await call(client, 'echo__echo', echo)).toMatch(/^ERROR/);
    writeFileSync(files.guard, guardGuest());
    expect(await untilServed(() => call(client, 'echo__echo', echo))).toBe(echo.message);
  });

  test('of a guard that is missing at the start', async () => {
    const { files, config } = echoBehind(guardGuest());
    rmSync(files.guard);
    await using served = await servedGateway(config());
    const client = await served.connect();
    expect(await call(client, 'echo__echo', echo)).toMatch(
      /^ERROR Denied: guard "watchdog" of "echo" failed in loading/,
    );
    writeFileSync(files.guard, guardGuest());
    expect(await untilServed(() => call(client, 'echo__echo', echo))).toBe(echo.message);
  });

  test('of a guard that vanishes from its folder, once anything else has changed', async () => {
    const { files } = echoBehind(guardGuest());
    const folder = dirname(moduleFiles({ unused: guardGuest() }).unused);
    const place = join(folder, 'echo', 'watchdog.wasm');
    mkdirSync(dirname(place));
    copyFileSync(files.guard, place);
    const config = (more: object = {}): LockgateFile => ({
      gateway: { listen: '127.0.0.1:0', wasmGuardsDir: folder, ...more },
      plugins: { echo: { path: files.echo, isolation: 'inline' } },
    });
    await using served = await servedGateway(config());
    const client = await served.connect();
    expect(await call(client, 'echo__echo', echo)).toBe(echo.message);
    rmSync(place);
    await served.gateway.reconfigure(config({ logLevel: 'warn' }));
    expect(await call(client, 'echo__echo', echo)).toMatch(/^ERROR Denied: guard "echo" of "echo".*no \.wasm file/);
    expect(served.gateway.status().guards).toMatchObject([{ server: 'echo', failure: expect.any(String) }]);
    copyFileSync(files.guard, place);
    expect(await untilServed(() => call(client, 'echo__echo', echo))).toBe(echo.message);
  });

  test('of a guard that is switched off while it runs', async () => {
    const { files, config } = echoBehind(guardGuest());
    await using served = await servedGateway(config());
    const client = await served.connect();
    expect(await call(client, 'echo__echo', echo)).toBe(echo.message);
    await served.gateway.reconfigure(config({ guards: { watchdog: { path: files.guard, disabled: true } } }));
    expect(await call(client, 'echo__echo', echo)).toMatch(/^ERROR Denied: .*switched off/);
    await served.gateway.reconfigure(config());
    expect(await untilServed(() => call(client, 'echo__echo', echo))).toBe(echo.message);
  });

  test('while a bad new version of a good guard is rejected and the old one stays in force', async () => {
    const secret = { resource: { description: '', secrecy: ['top'], integrity: [] }, operation: 'read' };
    const { files, config } = echoBehind(guardGuest({ answers: { label_resource: secret } }));
    await using served = await servedGateway(config());
    const client = await served.connect();
    expect(await call(client, 'echo__echo', echo)).toMatch(/lacks secrecy: top/);
    writeFileSync(files.guard, new Uint8Array([0, 0x61, 0x73]));
    for (let round = 0; round < 50; round++)
      expect(await call(client, 'echo__echo', echo)).toMatch(/lacks secrecy: top/);
    writeFileSync(files.guard, guardGuest());
    expect(await untilServed(() => call(client, 'echo__echo', echo))).toBe(echo.message);
  });
});
