import type { ToolDefinition } from '@lockgate/abi';
import { expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { PluginUpstream } from '../../src/upstream/plugin-upstream.ts';
import type { UpstreamEvents } from '../../src/upstream/upstream.ts';

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
    load: async () => ({ tools, execute: vi.fn(), compactSpecs }),
    unload,
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
  await upstream.close();
});
