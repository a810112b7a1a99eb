import { rmSync, writeFileSync } from 'node:fs';
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
import { describe, expect, test } from 'vitest';
import type { LockgateFile } from '../../src/config/schema.ts';
import { call, moduleFiles, servedGateway } from './guarded-files.ts';

/** The echo plugin behind a guard that is given as bytes. */
function echoBehind(guard: Uint8Array, more: { limits?: object; policy?: object } = {}) {
  const files = moduleFiles({ echo: echoGuest(), guard });
  const config = (extra: Partial<LockgateFile> = {}): LockgateFile => ({
    gateway: { listen: '127.0.0.1:0' },
    guards: { watchdog: { path: files.guard, watch: true, limits: more.limits ?? {} } },
    plugins: { echo: { path: files.echo, guard: 'watchdog', 'guard-policies': { 'allow-only': more.policy ?? {} } } },
    ...extra,
  });
  return { files, config };
}

const echo = { message: 'the message' };

describe('a guard that', () => {
  const phases = ['label_agent', 'label_resource', 'label_response'] as const;
  const faults: [string, (place: (typeof phases)[number]) => Uint8Array, RegExp][] = [
    ['traps', (place) => trappingGuard({ in: place }), /trap/i],
    ['loops for ever', (place) => endlessGuard({ in: place }), /took longer|time/i],
    ['grows its memory without end', (place) => greedyGuard({ in: place }), /trap|memory/i],
    ['answers garbage', (place) => invalidJsonGuard({ in: place }), /JSON/],
    ['always wants a larger buffer', (place) => insatiableGuard({ in: place }), /too small|asks for/],
    ['answers an error code', (place) => errorCodeGuard({ in: place }), /-7/],
  ];
  for (const [fault, guard, reason] of faults) {
    test.each(phases)(`${fault} in %s denies the call, names itself, and the gateway goes on`, async (place) => {
      const { config } = echoBehind(guard(place), { limits: { callTimeoutMs: 300 } });
      await using served = await servedGateway(config());
      const client = await served.connect();
      const answer = await call(client, 'echo__echo', echo);
      expect(answer).toMatch(new RegExp(`^ERROR Denied: guard "watchdog" of "echo" failed in ${place}: `));
      expect(answer).toMatch(reason);
      expect(answer).not.toContain(echo.message);
      expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    });
  }

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
    const limit = AbortSignal.timeout(20_000);
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
