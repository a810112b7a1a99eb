import {
  BACKEND_URL,
  Backend,
  endlessGuest,
  fetchEchoGuest,
  hammeringGuest,
  interleave,
  nullMallocGuest,
  trappingGuest,
} from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Isolation, PluginOptions } from '../../src/index.ts';
import { type OpenPlugin, openPlugin } from '../open-plugin.ts';

const GONE = new Error('the client has gone');
const KEPT = { traps: 0, recycled: 0, timeouts: 0, leakedBytes: 0 };

/** Where in its exchange a call of `fetch-then-echo` is when its caller leaves. */
const STEPS = ['waits for its turn', 'starts', 'has entered', 'asks', 'is answered', 'is about to leave'] as const;

/** A guest whose HTTP goes to a backend with gates. */
async function open(
  bytes: Uint8Array,
  options: PluginOptions & { readonly isolation: Isolation },
): Promise<OpenPlugin & { readonly backend: Backend }> {
  const backend = new Backend();
  const http = { allow: [new URL(BACKEND_URL).hostname] };
  return Object.assign(await openPlugin(bytes, { ...options, http }, { fetch: backend.fetch }), { backend });
}

/** Makes one call whose caller leaves at the given step, and looks at the instance before and after. */
async function leaveAt(step: (typeof STEPS)[number], isolation: Isolation): Promise<void> {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort(GONE);
  const onGuestLog = (_level: string, line: string): void => {
    if (line === 'enter a' && step === 'has entered') leave();
    if (line === 'leave a' && step === 'is about to leave') leave();
  };
  await using opened = await open(fetchEchoGuest(), { isolation, onGuestLog });
  const { plugin, backend } = opened;
  const blocks = await plugin.execute('live-blocks', { message: '' });
  const first = step === 'waits for its turn' ? plugin.execute('fetch-then-echo', { message: 'b' }) : undefined;
  const asks = backend.gate('a');
  const onStart = (): void => (step === 'starts' ? queueMicrotask(leave) : undefined);
  const call = plugin.execute('fetch-then-echo', { message: 'a' }, { signal: leaving.signal, onStart });
  const ended = expect(call).rejects.toBe(GONE);
  if (step === 'waits for its turn') leave();
  if (step === 'asks' || step === 'is answered') await asks.reached;
  asks.open();
  if (step === 'asks' || step === 'is answered') leave();
  await ended;
  await first;
  await expect(plugin.execute('live-blocks', { message: '' })).resolves.toEqual(blocks);
  await expect(plugin.stats()).resolves.toMatchObject(KEPT);
}

describe.each<Isolation>(['inline', 'worker'])('an abort, %s,', (isolation) => {
  test.each(STEPS)('while a call %s ends that call alone: the guest comes back and keeps its instance', (step) =>
    leaveAt(step, isolation),
  );

  test('traps no guest and leaves no memory behind, in whatever order callers leave and answers come', async () => {
    await using opened = await open(fetchEchoGuest(), { isolation });
    const { plugin, backend } = opened;
    const blocks = await plugin.execute('live-blocks', { message: '' });
    let round = 0;
    await interleave(
      async ({ step }) => {
        round += 1;
        const actor = async (number: number): Promise<void> => {
          const message = `${round}-${number}`;
          const gate = backend.gate(message);
          const leaving = new AbortController();
          await step(`call ${number}`);
          const call = plugin
            .execute('fetch-then-echo', { message }, { signal: leaving.signal })
            .catch((e: unknown) => e);
          await Promise.all([
            step(`abort ${number}`).then(() => leaving.abort(GONE)),
            step(`answer ${number}`).then(() => gate.open()),
          ]);
          const end = await call;
          if (end !== GONE) expect(end).toEqual({ data: message, isError: false });
        };
        await Promise.all([1, 2, 3].map(actor));
        await expect(plugin.execute('live-blocks', { message: '' })).resolves.toEqual(blocks);
        await expect(plugin.stats()).resolves.toMatchObject(KEPT);
      },
      { runs: 30 },
    );
  });

  test('makes every host call fail, so that the guest may still fail of itself: then it is replaced and counted', async () => {
    await using opened = await open(hammeringGuest({ requests: 3 }), { isolation, maxHostCallsPerCall: 2 });
    const { plugin, backend } = opened;
    const leaving = new AbortController();
    const gate = backend.gate('hammer');
    const call = plugin.execute('misbehave', { message: '' }, { signal: leaving.signal });
    await gate.reached;
    leaving.abort(GONE);
    await expect(call).rejects.toBe(GONE);
    await expect(plugin.execute('count', { message: '' })).resolves.toEqual({ data: '1', isError: false });
    await expect(plugin.stats()).resolves.toMatchObject({ traps: 1, recycled: 1, instances: 1, timeouts: 0 });
    expect(opened.warnings.map(({ message }) => message)).toEqual(['guest failed; replacing the instance']);
  });

  test('hides no crash loop: guests that trap unheard make calls fail fast too', async () => {
    await using opened = await open(hammeringGuest({ requests: 2 }), { isolation, maxHostCallsPerCall: 1 });
    const { plugin, backend } = opened;
    for (let round = 0; round < 5; round += 1) {
      const leaving = new AbortController();
      backend.on('hammer', async () => leaving.abort(GONE));
      const call = plugin.execute('misbehave', { message: '' }, { signal: leaving.signal });
      await expect(call).rejects.toBe(GONE);
    }
    await expect(plugin.execute('echo', { message: '' })).rejects.toMatchObject({ code: 'RUNTIME_CRASH_LOOP' });
    await expect(plugin.stats()).resolves.toMatchObject({ traps: 5, crashLooping: true });
  });

  test('is not waited for by a guest without HTTP: the call rejects with its reason all the same', async () => {
    const leaving = new AbortController();
    const onGuestLog = (): void => leaving.abort(GONE);
    await using opened = await openPlugin(trappingGuest(), { isolation, onGuestLog });
    const call = opened.plugin.execute('echo', { message: 'a' }, { signal: leaving.signal });
    await expect(call).rejects.toBe(GONE);
    await expect(opened.plugin.stats()).resolves.toMatchObject(KEPT);
  });

  test('of a guest without room for its arguments is followed by a new instance', async () => {
    await using opened = await openPlugin(nullMallocGuest({ fromBytes: 1_000 }), { isolation });
    const large = { message: 'x'.repeat(1_000) };
    await expect(opened.plugin.execute('echo', large)).rejects.toMatchObject({ code: 'ABI_OUT_OF_MEMORY' });
    await expect(opened.plugin.execute('count', { message: '' })).resolves.toEqual({ data: '1', isError: false });
    await expect(opened.plugin.stats()).resolves.toMatchObject({ traps: 1, recycled: 1 });
  });
});

test('a worker whose guest traps before its abort is heard of is replaced and counted', async () => {
  await using opened = await openPlugin(trappingGuest(), { isolation: 'worker' });
  for (let round = 1; round <= 3; round += 1) {
    const leaving = new AbortController();
    const onStart = (): void => queueMicrotask(() => leaving.abort(GONE));
    const call = opened.plugin.execute('misbehave', {}, { signal: leaving.signal, onStart });
    await expect(call).rejects.toBe(GONE);
    await expect(opened.plugin.execute('count', { message: '' })).resolves.toEqual({ data: '1', isError: false });
    await expect(opened.plugin.stats()).resolves.toMatchObject({ traps: round, recycled: round });
  }
});

test('a worker whose guest is terminated after the grace of its abort counts as no trap', async () => {
  await using opened = await openPlugin(endlessGuest(), { isolation: 'worker', abortGraceMs: 5 });
  const leaving = new AbortController();
  const onStart = (): void => queueMicrotask(() => leaving.abort(GONE));
  await expect(opened.plugin.execute('misbehave', {}, { signal: leaving.signal, onStart })).rejects.toBe(GONE);
  await expect(opened.plugin.execute('count', { message: '' })).resolves.toEqual({ data: '1', isError: false });
  await expect(opened.plugin.stats()).resolves.toMatchObject({ traps: 0, recycled: 1, timeouts: 0 });
});
