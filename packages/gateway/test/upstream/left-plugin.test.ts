import type { ToolResult } from '@lockgate/abi';
import { DrainTimeoutError } from '@lockgate/loader';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { silentPeer } from '../../src/protocol/silent-peer.ts';
import type { PluginCallOptions } from '../../src/upstream/plugin-handle.ts';
import { PluginUpstream } from '../../src/upstream/plugin-upstream.ts';
import type { UpstreamEvents } from '../../src/upstream/upstream.ts';

const CUT = new DrainTimeoutError({ module: 'p', generation: 1, drainMs: 0 });
const CLOSED: ToolResult = { data: 'wasm: module closed', isError: true };

interface Behaviour {
  readonly isLeft: boolean;
  readonly execute?: (options: PluginCallOptions) => Promise<ToolResult>;
  readonly request?: () => Promise<null>;
}

/** What a call of a plugin is answered whose entry has been changed, or stands. */
async function asked(method: string, { isLeft, execute, request }: Behaviour) {
  const upstream = new PluginUpstream({
    name: 'p',
    place: {
      isLeft,
      load: async () => ({
        tools: async () => [],
        execute: async (_tool, _args, options = {}) => (await execute?.(options)) ?? CLOSED,
        compactSpecs: async () => null,
        features: async () => ({ methods: ['prompts/get'], usesFunctions: false }),
        request: async () => (await request?.()) ?? null,
        close: async () => {},
      }),
      leave: () => {},
      unload: async () => {},
    },
    events: { changed: () => {}, stateChanged: () => {} } as unknown as UpstreamEvents,
    logger: silentLogger,
    now: () => 0,
    monotonicNow: () => 0,
    random: () => 0.5,
  });
  upstream.start();
  await upstream.settled;
  const exchange = { peer: silentPeer('', { name: 'ann' }) } as unknown as Exchange;
  const params = ObjectText.from({ name: 't' });
  return upstream.request({ method, params }, exchange, new Cancellation());
}

const METHODS = ['tools/call', 'prompts/get'] as const;
const cut = async (): Promise<never> => {
  throw CUT;
};

test.each(METHODS)('a %s that a changed entry cut is told which key to raise', async (method) => {
  const told = await asked(method, { isLeft: true, execute: cut, request: cut }).catch((error: unknown) => error);
  expect(told).toMatchObject({ code: 'GATEWAY_UPSTREAM_LOST' });
  expect((told as Error).message).toContain('gateway.shutdownTimeoutMs');
  expect((told as Error).message).not.toContain('within 0 ms');
});

test.each(METHODS)('a %s that waited for its turn is told to be made again', async (method) => {
  await expect(asked(method, { isLeft: true })).rejects.toMatchObject({
    code: 'GATEWAY_UPSTREAM_UNAVAILABLE',
    message: expect.stringContaining('call again'),
  });
});

test('a guest that says itself what a closed handle says is passed on', async () => {
  const execute = async ({ onStart }: PluginCallOptions) => {
    onStart?.();
    return CLOSED;
  };
  const answer = await asked('tools/call', { isLeft: true, execute });
  expect(answer.toValue()).toMatchObject({ content: [{ text: 'wasm: module closed' }], isError: true });
});

test('where the entry stands nothing is told of a change', async () => {
  await expect(asked('tools/call', { isLeft: false, execute: cut })).rejects.toBe(CUT);
  const answer = await asked('tools/call', { isLeft: false });
  expect(answer.toValue()).toMatchObject({ isError: true });
});
