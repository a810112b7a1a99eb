import { RequestFailedError, type ToolDefinition } from '@lockgate/abi';
import { expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { silentPeer } from '../../src/protocol/silent-peer.ts';
import type { PluginHandle } from '../../src/upstream/plugin-handle.ts';
import { PluginUpstream } from '../../src/upstream/plugin-upstream.ts';
import type { UpstreamEvents } from '../../src/upstream/upstream.ts';
import { fakeExchange } from '../call/fake-exchange.ts';

const TOOL: ToolDefinition = { name: 't', description: '', parameters: {}, required: [] } as never;

/** A plugin whose tools are what `tools` answers, one after the other. */
function plugin(...answers: readonly (readonly ToolDefinition[] | Error)[]) {
  const tools = vi.fn(async () => {
    const answer = answers[tools.mock.calls.length - 1] ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const unload = vi.fn(async () => {});
  const compactSpecs = async () => {
    throw new Error('trapped');
  };
  const events = { changed: vi.fn<UpstreamEvents['changed']>(), stateChanged: vi.fn() };
  const upstream = new PluginUpstream({
    name: 'p',
    place: {
      isLeft: false,
      load: async () => ({
        ...{ tools, execute: vi.fn(), compactSpecs, request: vi.fn() },
        features: async () => ({ methods: [], usesFunctions: false }),
        close: async () => {},
      }),
      leave: () => {},
      unload,
    },
    events: events as unknown as UpstreamEvents,
    logger: silentLogger,
    now: () => 0,
    monotonicNow: () => 0,
    random: () => 0.5,
  });
  return { upstream, unload, events };
}

test('a new version whose tools cannot be read once it is live leaves those of before, and no rejection', async () => {
  const { upstream, events } = plugin([TOOL], new Error('oops'));
  upstream.start();
  await upstream.settled;
  await expect(upstream.reloaded()).resolves.toBeUndefined();
  expect(upstream.status()).toMatchObject({ state: 'running', tools: 1, restarts: 1 });
  expect(events.changed).toHaveBeenCalledOnce();
});

test('a plugin that was loaded, but whose tools cannot be read, is unloaded before the next attempt', async () => {
  const { upstream, unload } = plugin(new Error('oops'));
  upstream.start();
  await upstream.settled;
  expect(upstream.status()).toMatchObject({ state: 'restarting', reason: 'oops' });
  expect(unload).toHaveBeenCalledOnce();
  const asked = fakeExchange('legacy', { message: { method: 'tools/call', params: ObjectText.from({ name: 't' }) } });
  await expect(upstream.request(asked.message, asked, new Cancellation())).rejects.toThrow(
    /^Plugin "p" could not be loaded \(oops\)\. It is tried again by itself, .*lockgate doctor/,
  );
  await upstream.close();
});

test('a plugin that fails a list costs that list alone, and a request that it fails is answered with its words', async () => {
  const fails = async () =>
    Promise.reject(new RequestFailedError({ exportName: 'get_prompt', reason: 'no such prompt' }));
  const handle: PluginHandle = {
    tools: async () => [TOOL],
    execute: vi.fn(),
    compactSpecs: async () => null,
    features: async () => ({ methods: ['prompts/list', 'prompts/get'], usesFunctions: false }),
    request: fails,
    close: async () => {},
  };
  const upstream = new PluginUpstream({
    name: 'p',
    place: { isLeft: false, load: async () => handle, leave: () => {}, unload: async () => {} },
    events: { changed: vi.fn(), stateChanged: vi.fn() } as unknown as UpstreamEvents,
    logger: silentLogger,
    now: () => 0,
    monotonicNow: () => 0,
    random: () => 0.5,
  });
  upstream.start();
  await upstream.settled;
  expect(upstream.offer()).toMatchObject({ prompts: [], failed: { prompts: { message: 'no such prompt' } } });
  expect(upstream.status()).toMatchObject({ state: 'running', tools: 1 });
  const exchange = { peer: silentPeer('', { name: 'ann' }) } as unknown as Exchange;
  const asked = (method: string) => upstream.request({ method, params: undefined }, exchange, new Cancellation());
  await expect(asked('prompts/get')).rejects.toMatchObject({ code: -32_603, message: 'no such prompt' });
  await expect(asked('resources/read')).rejects.toMatchObject({ code: -32_601 });
  await upstream.close();
});

type Lists = Readonly<Record<string, unknown>>;

test.each<readonly [string, () => Promise<ToolDefinition[] | null>, () => Promise<Lists | null>]>([
  ['before it is asked for its tools', async () => null, async () => ({ prompts: [] })],
  ['before it is asked for its prompts', async () => [TOOL], async () => null],
])(
  'a plugin that is closed %s keeps what it gave, and nobody is told that it gives nothing',
  async (_when, tools, prompts) => {
    let isClosed = false;
    const said: string[] = [];
    const warn = (_facts: object, sentence: string) => void said.push(sentence);
    const changed = vi.fn();
    const handle: PluginHandle = {
      tools: async () => (isClosed ? tools() : [TOOL]),
      execute: vi.fn(),
      compactSpecs: async () => null,
      features: async () => ({ methods: ['prompts/list'], usesFunctions: false }),
      request: async () => (isClosed ? prompts() : { prompts: [{ name: 'a' }] }),
      close: async () => {},
    };
    const upstream = new PluginUpstream({
      name: 'p',
      place: { isLeft: false, load: async () => handle, leave: () => {}, unload: async () => {} },
      events: { changed, stateChanged: vi.fn() } as unknown as UpstreamEvents,
      logger: { ...silentLogger, warn },
      now: () => 0,
      monotonicNow: () => 0,
      random: () => 0.5,
    });
    upstream.start();
    await upstream.settled;
    isClosed = true;
    await upstream.reloaded();
    expect(upstream.offer()).toMatchObject({ prompts: [{}], tools: [{}] });
    expect(changed).toHaveBeenCalledOnce();
    expect(said).toEqual([]);
  },
);
