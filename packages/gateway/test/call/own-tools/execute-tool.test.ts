import { expect, test } from 'vitest';
import type { KeptAnswers } from '../../../src/call/kept-answers.ts';
import { executeTool } from '../../../src/call/own-tools/execute-tool.ts';
import { ToolFinder } from '../../../src/call/own-tools/tool-finder.ts';
import { CallRoute, OwnToolRoute } from '../../../src/call/route.ts';
import { Router } from '../../../src/call/router.ts';
import { EMPTY_OFFER } from '../../../src/catalog/offer.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';
import { endpointOf } from '../fake-endpoint.ts';
import { fakeExchange } from '../fake-exchange.ts';

const offer = { ...EMPTY_OFFER, tools: [ObjectText.from({ name: 'pay', inputSchema: { type: 'object' } })] };

async function routed(params: string): Promise<CallRoute['options']> {
  const router = new Router({ ownTools: [executeTool(new ToolFinder(), {} as KeptAnswers)] } as never);
  const endpoint = Object.assign(endpointOf([{ name: 'bank', offer }]), { ownsTool: () => true });
  const message = { method: 'tools/call', params: ObjectText.read(Buffer.from(params)) };
  const first = await router.route(fakeExchange('modern', { message }), endpoint);
  if (!(first instanceof OwnToolRoute)) throw new Error('not an own tool');
  const route = await first.run({ means: () => {}, runs: () => {} });
  if (!(route instanceof CallRoute)) throw new Error('not a call');
  return route.options;
}

test('the server gets the arguments as the bytes that came, and everything beside them', async () => {
  const args = '{"n":1.0e2, "big":12345678901234567890,"s":"\\u00e9","n":-0}';
  const { message } = await routed(
    `{"_meta":{"progressToken":7},"name":"execute","arguments":{"arguments":${args},"tool":"bank__pay"},"task":{"ttl":1}}`,
  );
  expect(message.method).toBe('tools/call');
  expect(message.params?.toBytes().toString()).toBe(
    `{"_meta":{"progressToken":7},"name":"pay","arguments":${args},"task":{"ttl":1}}`,
  );
});

test('what is asked of the answer stays at the gateway; what a direct call says of it in `_meta` as well', async () => {
  const asked = '{"fields":["/a"]}';
  const executed = await routed(
    `{"_meta":{"progressToken":7},"name":"execute","arguments":{"tool":"bank__pay","answer":${asked}}}`,
  );
  expect(executed.message.params?.toBytes().toString()).toBe('{"_meta":{"progressToken":7},"name":"pay"}');
  expect(executed.form?.project({ a: 1, b: 2 }, 0)).toEqual({ a: 1 });
  const alone = await routed(`{"name":"execute","arguments":{"tool":"bank__pay","answer":false}}`);
  expect(alone.message.params?.toBytes().toString()).toBe('{"name":"pay"}');
  expect(alone.form).toBeUndefined();
});

test('a call without arguments has none at its server either', async () => {
  const { message, tool } = await routed('{"name":"execute","arguments":{"tool":"bank__pay"}}');
  expect(message.params?.toBytes().toString()).toBe('{"name":"pay"}');
  expect(tool).toBe('pay');
});

test('a modern client goes on with an executed call by the fingerprint of the tool', async () => {
  const { fingerprint } = await routed('{"name":"execute","arguments":{"tool":"bank__pay"}}');
  expect(fingerprint).toBe('tools/call bank__pay');
});

test('an argument that stands twice is refused: the gateway decides by the tool', async () => {
  await expect(routed('{"name":"execute","arguments":{"tool":"bank__see","tool":"bank__pay"}}')).rejects.toThrow(
    /twice/,
  );
});

test('what is asked beside the address of a kept answer is refused, since nothing would come of it', async () => {
  const at = '"tool":"lockgate://answers/x"';
  for (const beside of ['"arguments":{"a":1}', '"answer":{"fields":["/a"]}']) {
    await expect(routed(`{"name":"execute","arguments":{${at},${beside}}}`)).rejects.toThrow(/stands in its address/);
  }
});

test('a key that the form of an answer does not have is told with the one that was meant', async () => {
  const asked = routed('{"name":"execute","arguments":{"tool":"bank__pay","answer":{"feilds":["/a"]}}}');
  await expect(asked).rejects.toThrow(/"answer.feilds" there is no such key; did you mean "fields"\? /);
});
