import { expect, test } from 'vitest';
import { coveredParams } from '../../src/call/covered-params.ts';
import type { RoutedCall } from '../../src/call/routed-call.ts';
import type { Era } from '../../src/protocol/era.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { fakeExchange } from './fake-exchange.ts';

const meta = { said: 1, 'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' } };

function covered(call: Omit<RoutedCall, 'server' | 'tool' | 'params'>, params: object, era: Era = 'modern'): unknown {
  const routed = { server: 'a', tool: 't', params: ObjectText.from({ ...params, _meta: meta, more: 1 }), ...call };
  return coveredParams(routed, fakeExchange(era).peer)?.toValue();
}

test.each<[string, Omit<RoutedCall, 'server' | 'tool' | 'params'>, object, object]>([
  ['a tool', { argumentsAt: 'arguments' }, { name: 't', arguments: { a: 1 } }, { name: 't', arguments: { a: 1 } }],
  ['a resource', { argumentsAt: ['uri'] }, { uri: 'a://b' }, { uri: 'a://b' }],
  ['a task', { asked: { tool: 't', args: {} } }, { taskId: 'x', arguments: 1 }, { taskId: 'x' }],
  [
    'a call that is to be a task',
    { argumentsAt: 'arguments' },
    { name: 't', task: { ttl: 5 } },
    { name: 't', task: {} },
  ],
])('what goes on of %s is what its guard was asked about', (_what, call, params, expected) => {
  expect(covered(call, params)).toEqual(expected);
});

test('of a method that nobody knows the guard has seen all but what the protocol says of the client', () => {
  expect(covered({}, { a: 1 })).toEqual({ a: 1, more: 1, _meta: { said: 1 } });
  expect(covered({}, { a: 1 }, 'legacy')).toEqual({ a: 1, more: 1, _meta: meta });
});
