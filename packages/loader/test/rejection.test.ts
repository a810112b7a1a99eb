import {
  endlessGuest,
  idle,
  invalidJsonGuest,
  missingExportGuest,
  refusingGuest,
  trappingGuest,
  unhealthyGuest,
  versionGuest,
  wrongAbiVersionGuest,
} from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { RejectionReason, SwapRejectedError } from '../src/index.ts';
import { Inbox } from './inbox.ts';
import { isolations, openStage } from './stage.ts';

const GOOD = versionGuest('A');
const TOOL = { name: 'twin', description: '', parameters: [] };
const TWICE = JSON.stringify([TOOL, TOOL]);
const CEILING_BYTES = 2 * 1024 * 1024;

/** Each kind of faulty version, with the reason that the error must give, and what the error's cause must be. */
const faults: readonly {
  readonly name: string;
  readonly reason: RejectionReason;
  readonly source: Uint8Array | string;
  readonly sha256?: string;
  readonly workerOnly?: boolean;
}[] = [
  { name: 'bytes that are no module', reason: 'bad bytes', source: new TextEncoder().encode('not a module') },
  { name: 'a module cut in half', reason: 'bad bytes', source: GOOD.slice(0, GOOD.length / 2) },
  { name: 'a file that does not exist', reason: 'source unreadable', source: '/no/such/file.wasm' },
  { name: 'another digest than asked for', reason: 'wrong digest', source: GOOD, sha256: 'ab'.repeat(32) },
  { name: 'a missing export', reason: 'missing export', source: missingExportGuest({ missing: 'tools' }) },
  { name: 'an import that nobody supplies', reason: 'unknown import', source: importingNobody() },
  { name: 'a trap at start-up', reason: 'failed at start-up', source: trappingGuest({ in: '_initialize' }) },
  { name: 'another ABI version', reason: 'wrong ABI version', source: wrongAbiVersionGuest() },
  { name: 'a guest that refuses its settings', reason: 'settings refused', source: refusingGuest() },
  { name: 'an unhealthy guest', reason: 'unhealthy', source: unhealthyGuest() },
  { name: 'more memory than the ceiling', reason: 'memory ceiling', source: versionGuest('B', { minPages: 64 }) },
  { name: 'tools that cannot be read', reason: 'bad answer', source: invalidJsonGuest({ in: 'tools', text: 'oops' }) },
  { name: 'two tools of one name', reason: 'bad answer', source: invalidJsonGuest({ in: 'tools', text: TWICE }) },
  { name: 'a probe that fails', reason: 'probe failed', source: versionGuest('unwanted') },
  { name: 'a hang at start-up', reason: 'timed out', source: endlessGuest({ in: '_initialize' }), workerOnly: true },
  { name: 'a hang in metadata', reason: 'timed out', source: endlessGuest({ in: 'metadata' }), workerOnly: true },
];

describe.each(isolations)('a faulty new version is rejected, and the old one serves on (%s)', (isolation) => {
  for (const fault of faults) {
    const title = `${fault.name}: ${fault.reason}`;
    if (fault.workerOnly && isolation === 'inline') {
      test.skip(`${title} (skipped: an endless loop inline stops the thread that would end it)`, () => undefined);
      continue;
    }
    test(title, async () => {
      await using stage = await openStage({ isolation, callTimeoutMs: 300 });
      const handle = await stage.loader.load(GOOD, {
        name: 'guest',
        settings: { key: 'secret' },
        memoryCeilingBytes: CEILING_BYTES,
        requireHealthy: true,
        async probe(plugin) {
          if ((await plugin.metadata())?.version === 'unwanted') throw new Error('unwanted');
        },
      });
      const told = new Inbox<SwapRejectedError>();
      stage.loader.on('rejected', ({ error }) => told.put(error));

      let reloading = true;
      const callers = Array.from({ length: 4 }, async () => {
        let calls = 0;
        while (reloading) {
          expect(await handle.execute('echo', { message: 'x' })).toEqual({ data: 'A:x', isError: false });
          calls += 1;
          await idle(1); // inline calls alone would never let the event loop turn
        }
        return calls;
      });
      const options = fault.sha256 === undefined ? {} : { sha256: fault.sha256 };
      const rejection = await stage.loader.reload('guest', fault.source, options).catch((error: unknown) => error);
      reloading = false;
      const calls = await Promise.all(callers);

      expect(rejection).toMatchObject({
        code: 'LOADER_SWAP_REJECTED',
        facts: { module: 'guest', reason: fault.reason },
      });
      expect((rejection as Error).message).toContain(fault.reason);
      expect(await told.next()).toBe(rejection);
      expect(Math.min(...calls)).toBeGreaterThan(0);
      expect(stage.loader.list()).toMatchObject([{ state: 'live', lastError: rejection, live: { version: 'A' } }]);
      expect(await stage.loader.reload('guest')).toMatchObject({ version: 'A', generation: 2 }); // its source is still the good one
      expect(stage.loader.list()).toMatchObject([{ lastError: null }]);
    });
  }
});

test('a faulty first version leaves nothing behind, not even its name, and is told to whoever loads it alone', async () => {
  const warned: object[] = [];
  const warn = (facts: object): unknown => warned.push(facts);
  await using stage = await openStage({ logger: { debug() {}, info() {}, warn, error() {} } });
  const told = new Inbox<string>();
  stage.loader.on('rejected', ({ name, cause }) => told.put(`${cause} ${name}`));
  await expect(stage.loader.load(missingExportGuest({ missing: 'tools' }), { name: 'guest' })).rejects.toMatchObject({
    facts: { reason: 'missing export' },
    message: expect.stringMatching(/^"guest" could not be loaded \(missing export\): /),
  });

  expect(warned).toEqual([]);
  expect(await told.next()).toBe('load guest');
  expect(stage.loader.list()).toEqual([]);
  await expect(stage.loader.load(GOOD, { name: 'guest' })).resolves.toBeDefined();
});

/** The good guest, with one letter of the host function that it imports changed. */
function importingNobody(): Uint8Array {
  const bytes = Buffer.from(GOOD);
  bytes.write('host_lob', bytes.indexOf('host_log'));
  return bytes;
}
