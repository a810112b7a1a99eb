import { describe, expect, test, vi } from 'vitest';
import type { Endpoint } from '../../src/call/endpoint.ts';
import { Listeners } from '../../src/call/listeners.ts';
import { Subscriptions } from '../../src/call/subscriptions.ts';
import { EMPTY_OFFER } from '../../src/catalog/offer.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import type { Peer } from '../../src/protocol/peer.ts';
import { endpointOf } from './fake-endpoint.ts';
import { fakeExchange } from './fake-exchange.ts';
import { openFrames } from './open-frames.ts';

const ALL = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
};
const SUBSCRIPTION = '"_meta":{"io.modelcontextprotocol/subscriptionId":"\\u0037"}';
/** The connection on which updates arrive. */
const SOURCE = {};
const CHANGED: Message = { method: 'notifications/tools/list_changed', params: undefined };
const updated = (uri: string): Message => ({
  method: 'notifications/resources/updated',
  params: ObjectText.from({ uri }),
});

function servers(capabilities: Record<string, unknown> = ALL) {
  const unwatch = vi.fn();
  const watch = vi.fn(async () => ({ source: SOURCE, release: unwatch }));
  const offer = { ...EMPTY_OFFER, resources: [ObjectText.from({ uri: 'x:1' })] };
  return {
    watch,
    unwatch,
    endpoint: endpointOf([{ name: 'a', offer, watch }, { name: 'b' }], { capabilities }),
  };
}

/** Listens, and keeps what is told. */
async function listen(listeners: Listeners, endpoint: Endpoint, notifications: object, peer: Partial<Peer> = {}) {
  const heard: string[] = [];
  const acknowledged = Promise.withResolvers<void>();
  const cancellation = new Cancellation();
  const exchange = fakeExchange('modern', {
    peer,
    cancellation,
    id: Buffer.from('"\\u0037"'),
    message: { method: 'subscriptions/listen', params: ObjectText.from({ notifications }) },
    notify: ({ method, params }) => {
      heard.push(`${method} ${params?.toBytes()}`);
      acknowledged.resolve();
    },
  });
  const result = listeners.listen(exchange, endpoint);
  await Promise.race([acknowledged.promise, result]);
  return { heard, result, cancellation };
}

const upstreamOf = (endpoint: Endpoint, name: string) => {
  const found = endpoint.visibleTo({ name: 'me' }).find((served) => served.name === name);
  if (!found) throw new Error(`no server ${name}`);
  return found.upstream;
};

describe('who listens', () => {
  test('is told first what it will hear of: what it asked for and the servers can tell', async () => {
    const { endpoint } = servers({ tools: { listChanged: true }, prompts: {} });
    const filter = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['x:1'] };
    const { heard } = await listen(new Listeners(new Subscriptions(openFrames()), openFrames(), 10), endpoint, filter);
    expect(heard).toEqual([
      `notifications/subscriptions/acknowledged {"notifications":{"toolsListChanged":true},${SUBSCRIPTION}}`,
    ]);
  });

  test('hears of that and nothing else, each time with the id of its request as it wrote it', async () => {
    const { endpoint, watch } = servers();
    const listeners = new Listeners(new Subscriptions(openFrames()), openFrames(), 10);
    const filter = { toolsListChanged: true, promptsListChanged: false, resourceSubscriptions: ['x:1'] };
    const { heard } = await listen(listeners, endpoint, filter);
    expect(watch).toHaveBeenCalledWith('x:1', expect.objectContaining({ key: 'k' }), expect.anything());
    const a = upstreamOf(endpoint, 'a');
    listeners.publish(a, CHANGED);
    listeners.publish(a, { ...CHANGED, method: 'notifications/prompts/list_changed' });
    listeners.resourceUpdated(a, updated('x:2'), SOURCE);
    listeners.resourceUpdated(a, updated('x:1'), SOURCE);
    expect(heard.slice(1)).toEqual([
      `notifications/tools/list_changed {${SUBSCRIPTION}}`,
      `notifications/resources/updated {"uri":"x:1",${SUBSCRIPTION}}`,
    ]);
  });

  test('is told of no resource that will not be told: nobody has it, or its server refuses', async () => {
    const { endpoint, watch } = servers();
    const listeners = new Listeners(new Subscriptions(openFrames()), openFrames(), 10);
    const filter = { toolsListChanged: true, resourceSubscriptions: ['x:1', 'y:1'] };
    const { heard } = await listen(listeners, endpoint, filter);
    expect(heard[0]).toContain('{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["x:1"]}');
    watch.mockRejectedValue(new Error('no'));
    const { heard: second } = await listen(listeners, endpoint, filter);
    expect(second[0]).toContain('{"notifications":{"toolsListChanged":true},');
  });

  test('hears nothing of servers that it does not see', async () => {
    const { endpoint } = servers();
    const listeners = new Listeners(new Subscriptions(openFrames()), openFrames(), 10);
    const { heard } = await listen(
      listeners,
      endpoint,
      { toolsListChanged: true },
      { caller: { name: 'me', servers: ['b'] } },
    );
    listeners.publish(upstreamOf(endpoint, 'a'), CHANGED);
    expect(heard).toHaveLength(1);
    listeners.publish(upstreamOf(endpoint, 'b'), CHANGED);
    expect(heard).toHaveLength(2);
  });

  test('is answered when it goes, and costs its servers nothing more', async () => {
    const { endpoint, unwatch } = servers();
    const listeners = new Listeners(new Subscriptions(openFrames()), openFrames(), 10);
    const { heard, result, cancellation } = await listen(listeners, endpoint, { resourceSubscriptions: ['x:1'] });
    cancellation.cancel(new Error('gone'));
    expect(String((await result).toBytes())).toBe(`{${SUBSCRIPTION}}`);
    expect(unwatch).toHaveBeenCalledOnce();
    listeners.resourceUpdated(upstreamOf(endpoint, 'a'), updated('x:1'), SOURCE);
    expect(heard).toHaveLength(1);
  });

  test('is answered at once where there is nothing to hear', async () => {
    const { endpoint } = servers({});
    const { result } = await listen(new Listeners(new Subscriptions(openFrames()), openFrames(), 10), endpoint, {
      toolsListChanged: true,
    });
    expect((await result).has('_meta')).toBe(true);
  });

  test('is answered when its rights end, and when the gateway closes', async () => {
    const { endpoint } = servers();
    const listeners = new Listeners(new Subscriptions(openFrames()), openFrames(), 10);
    const ann = await listen(listeners, endpoint, { toolsListChanged: true }, { caller: { name: 'ann' } });
    const bob = await listen(listeners, endpoint, { toolsListChanged: true }, { caller: { name: 'bob' } });
    listeners.endWhere(({ name }) => name === 'ann');
    await ann.result;
    listeners.publish(upstreamOf(endpoint, 'a'), CHANGED);
    expect([ann.heard.length, bob.heard.length]).toEqual([1, 2]);
    listeners.closeAll();
    await bob.result;
  });

  test('hears of tools only where it lists them, also where its own connection tells', async () => {
    const { endpoint } = servers();
    const listeners = new Listeners(new Subscriptions(openFrames()), openFrames(), 10);
    const { heard } = await listen(listeners, endpoint, { toolsListChanged: true });
    listeners.tellCaller(upstreamOf(endpoint, 'a'), CHANGED, { name: 'me' });
    expect(heard).toHaveLength(2);
    Object.assign(endpoint, { listsTools: () => false });
    listeners.tellCaller(upstreamOf(endpoint, 'a'), CHANGED, { name: 'me' });
    expect(heard).toHaveLength(2);
  });

  test('goes on listening where a server will not tell of a resource', async () => {
    const { endpoint, watch } = servers();
    watch.mockRejectedValue(new Error('no'));
    const listeners = new Listeners(new Subscriptions(openFrames()), openFrames(), 10);
    const { heard } = await listen(listeners, endpoint, { toolsListChanged: true, resourceSubscriptions: ['x:1'] });
    listeners.publish(upstreamOf(endpoint, 'a'), CHANGED);
    expect(heard).toHaveLength(2);
  });
});

test.each([
  undefined,
  7,
  null,
  { toolsListChanged: 1 },
  { resourceSubscriptions: 'x' },
  { resourceSubscriptions: [1] },
])('the filter %j is refused', async (notifications) => {
  const params = ObjectText.from({ notifications });
  const exchange = fakeExchange('modern', { message: { method: 'subscriptions/listen', params } });
  const listening = new Listeners(new Subscriptions(openFrames()), openFrames(), 10).listen(
    exchange,
    servers().endpoint,
  );
  await expect(listening).rejects.toMatchObject({ code: -32_602 });
});

test('a client may listen to a thousand resources and no more', async () => {
  const { endpoint, watch } = servers();
  const filter = { resourceSubscriptions: Array.from({ length: 1_001 }, () => 'x:1') };
  const listeners = new Listeners(new Subscriptions(openFrames()), openFrames(), 10);
  await expect(listen(listeners, endpoint, filter)).rejects.toThrow('1001 resources');
  expect(watch).not.toHaveBeenCalled();
});

test('a request to listen that is larger than a mebibyte is refused, since it would be kept', async () => {
  const { endpoint, watch } = servers();
  const filter = { resourceSubscriptions: [`x:${'y'.repeat(1_048_576)}`] };
  const listeners = new Listeners(new Subscriptions(openFrames()), openFrames(), 10);
  await expect(listen(listeners, endpoint, filter)).rejects.toThrow('at most 1048576 bytes');
  expect(watch).not.toHaveBeenCalled();
});

test('only so many listen at once, and there is room again when one goes', async () => {
  const { endpoint } = servers();
  const listeners = new Listeners(new Subscriptions(openFrames()), openFrames(), 1);
  const filter = { toolsListChanged: true };
  const first = await listen(listeners, endpoint, filter);
  await expect(listen(listeners, endpoint, filter)).rejects.toMatchObject({ code: -32_603 });
  first.cancellation.cancel(new Error('gone'));
  await first.result;
  expect((await listen(listeners, endpoint, filter)).heard).toHaveLength(1);
});
