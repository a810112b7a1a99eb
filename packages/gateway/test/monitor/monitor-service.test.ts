import { expect, test, vi } from 'vitest';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';
import { MonitorService } from '../../src/monitor/monitor-service.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { StateError } from '../../src/state/state-error.ts';
import { wrapped } from '../state/wrapped-store.ts';
import { PlainGuard, PRIVATE } from './plain-guard.ts';

function serviceOver(fails: boolean, guard = new PlainGuard()) {
  const asked: string[] = [];
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const store = wrapped(createMemoryStore({ now: () => 0 }), async (operation) => {
    asked.push(operation);
    if (fails) throw new StateError({ kind: 'unreachable', reason: 'ECONNREFUSED' });
  });
  const service = new MonitorService({
    onRevoked: () => {},
    store,
    loader: async () => ({ loadGuard: async () => guard, unload: async () => {}, list: () => [] }),
    callBackend: async () => new Uint8Array(),
    logger,
    now: () => 0,
    onDecision: () => {},
  });
  const apply = (file: LockgateFile) => service.apply(configSchema.parse(file));
  const agent = { principal: 'ann', session: 'one' };
  const call = { server: 'files', agent, tool: 'list', args: {}, signal: new AbortController().signal };
  return { service, apply, call, agent, asked, logger };
}

const mcpServers = { files: { command: 'server' } };

test('a gateway without guards, policies and limits asks nothing of the store, which may fail', async () => {
  const { service, apply, call, asked } = serviceOver(true);
  await apply({ mcpServers });
  const answer = {};
  expect(await service.guarded(call, async () => answer)).toBe(answer);
  expect(asked).toEqual([]);
  await apply({ mcpServers: { ...mcpServers, other: { command: 'server', 'tool-call-limits': { send: 1 } } } });
  await expect(service.guarded(call, async () => answer)).rejects.toMatchObject({ code: 'GATEWAY_STATE' });
});

test('labels hold on when the last guard is removed', async () => {
  const { service, apply, call } = serviceOver(false, new PlainGuard({ mode: 'propagate', resource: PRIVATE }));
  const guards = { labels: { path: '/labels.wasm' } };
  await apply({ guards, mcpServers: { ...mcpServers, files: { command: 'server', guard: 'labels' } } });
  await service.guarded(call, async () => ({}));
  await apply({ mcpServers });
  await expect(service.guarded({ ...call, server: 'web' }, async () => ({}))).rejects.toThrow(
    /carries secrecy.*private/,
  );
});

test('records of an ended session that the store does not remove are reported, and disturb nobody', async () => {
  const { service, agent, logger, asked } = serviceOver(true);
  service.evict(agent);
  await expect.poll(() => logger.warn).toHaveBeenCalledOnce();
  expect(asked).toEqual(['delete', 'delete']);
});
