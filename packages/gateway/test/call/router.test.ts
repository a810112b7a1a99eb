import { expect, test, vi } from 'vitest';
import type { Endpoint } from '../../src/call/endpoint.ts';
import { Router } from '../../src/call/router.ts';
import { EMPTY_OFFER } from '../../src/catalog/offer.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { endpointOf } from './fake-endpoint.ts';
import { fakeExchange } from './fake-exchange.ts';

test('a client that cancels its log level waits for no server that is slow to take it', async () => {
  const upstream = { logLevelChanged: () => new Promise<void>(() => {}) };
  const endpoint = { serves: () => true, visibleTo: () => [{ upstream }] } as unknown as Endpoint;
  const cancellation = new Cancellation();
  const message = { method: 'logging/setLevel', params: ObjectText.from({ level: 'error' }) };
  const routed = new Router({ ownTools: [] } as never).route(
    fakeExchange('legacy', { message, cancellation }),
    endpoint,
  );
  const reason = new Error('cancelled');
  cancellation.cancel(reason);
  await expect(routed).rejects.toBe(reason);
});

test.each([
  ['tools/call', 'needs "name"'],
  ['prompts/get', 'needs "name"'],
  ['resources/read', 'needs "uri"'],
  ['resources/subscribe', 'needs "uri"'],
  ['resources/unsubscribe', 'needs "uri"'],
  ['completion/complete', 'needs "ref"'],
])('%s that does not say what it asks for is told what is missing', async (method, problem) => {
  const endpoint = { serves: () => true, catalogFor: () => ({}), catalog: () => ({}) } as unknown as Endpoint;
  const message = { method, params: ObjectText.from({ arguments: {} }) };
  const routed = async () => new Router({ ownTools: [] } as never).route(fakeExchange('legacy', { message }), endpoint);
  await expect(routed).rejects.toMatchObject({ code: -32_602, message: expect.stringContaining(problem) });
});

/** Why a call is refused whose one server has this status, and has never been up. */
async function refusalWhere(status: { readonly state: string }, isGuarded: boolean): Promise<Error> {
  const upstream = { state: status.state, status: () => status };
  const endpoint = {
    server: 'a',
    serves: () => true,
    catalogFor: () => ({ tool: () => undefined }),
    visibleTo: () => [{ name: 'a', prefix: '', upstream }],
  } as unknown as Endpoint;
  const message = { method: 'tools/call', params: ObjectText.from({ name: 'any' }) };
  const router = new Router({ frames: { isActive: isGuarded }, ownTools: [] } as never);
  const routed = async () => router.route(fakeExchange('legacy', { message }), endpoint);
  return routed().then(
    () => expect.unreachable(),
    (refusal: Error) => refusal,
  );
}

test.each([true, false])(
  'why a server has never been up is told where nothing is guarded (guarded: %s)',
  async (isActive) => {
    const status = { state: 'restarting', tools: 0, reason: 'its last words: MARKED' };
    const error = await refusalWhere(status, isActive);
    expect(error).toMatchObject({ code: 'GATEWAY_UPSTREAM_UNAVAILABLE' });
    expect(error.message.includes('MARKED')).toBe(!isActive);
  },
);

test.each([
  ['plugin', 'not loaded', /^Plugin "a" could not be loaded \(no such import\)\. Whoever runs .*lockgate doctor/],
  ['plugin', 'restarting', /^Plugin "a" could not be loaded \(no such import\)\. It is tried again by itself/],
  ['mcp', 'not loaded', /^Server "a" could not be loaded \(no such import\)\. Whoever runs .*lockgate doctor/],
  ['mcp', 'restarting', /^Server "a" is restarting \(no such import\)\. Its tools come back by themselves/],
])('whether a %s that has never been up and is "%s" comes back by itself is told', async (kind, state, told) => {
  const status = { kind, state, tools: 0, reason: 'no such import' };
  expect((await refusalWhere(status, false)).message).toMatch(told);
});

test('the address of a kept answer is told to no server, by subscribing to it either', async () => {
  const add = vi.fn(async () => {});
  const resource = ObjectText.from({ uri: 'lockgate://answers/x', name: 'x' });
  const endpoint = endpointOf([{ name: 'one', offer: { ...EMPTY_OFFER, resources: [resource] } }]);
  const message = { method: 'resources/subscribe', params: ObjectText.from({ uri: 'lockgate://answers/x' }) };
  const router = new Router({ subscriptions: { add }, ownTools: [] } as never);
  const routed = async () => router.route(fakeExchange('legacy', { message }), endpoint);
  await expect(routed).rejects.toThrow(/Unknown resource/);
  expect(add).not.toHaveBeenCalled();
});

test.each([
  ['m__whoami', 'm', 'whoami'],
  ['mail__whoami', 'mail', 'whoami'],
  ['my_mail__whoami', 'my.mail', 'whoami'],
])('a call of %s before its server has told its tools is one of "%s" alone', async (name, server, tool) => {
  const upstream = { hidesTools: () => true };
  const allowed: string[] = [];
  const endpoint = {
    naming: { prefix: 'always', separator: '__', portable: true },
    serves: () => true,
    catalogFor: () => ({ tool: () => undefined }),
    visibleTo: () => ['m', 'my', 'mail', 'my.mail'].map((one) => ({ name: one, prefix: one, upstream })),
    permissionOf: () => ({
      allows: (_: string, served: { name: string }, own: string) => allowed.push(`${served.name}/${own}`),
    }),
  } as unknown as Endpoint;
  const message = { method: 'tools/call', params: ObjectText.from({ name }) };
  const routed = await new Router({ ownTools: [] } as never).route(fakeExchange('legacy', { message }), endpoint);
  expect(routed).toMatchObject({ kind: 'call', options: { tool, served: { name: server } } });
  expect(allowed).toEqual([`${server}/${tool}`]);
});

test('a completion for a prompt whose server is known waits for no server that cannot have it', async () => {
  const prompt = ObjectText.from({ name: 'greet' });
  const known = endpointOf([{ name: 'one', offer: { ...EMPTY_OFFER, prompts: [prompt] } }]);
  const never = new Promise<never>(() => {});
  const endpoint = { ...known, catalog: () => never } as unknown as Endpoint;
  const ref = { type: 'ref/prompt', name: 'one__greet' };
  const message = { method: 'completion/complete', params: ObjectText.from({ ref, argument: {} }) };
  const routed = new Router({ ownTools: [] } as never).route(fakeExchange('legacy', { message }), endpoint);
  const late = new Promise((resolve) => setImmediate(resolve, 'still waits'));
  expect(await Promise.race([routed, late])).toMatchObject({ options: { served: { name: 'one' } } });
});
