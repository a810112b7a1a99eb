import { describe, expect, test } from 'vitest';
import type { Era } from '../../src/protocol/era.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { outboundParams } from '../../src/upstream/outbound-params.ts';
import { fakeExchange } from '../call/fake-exchange.ts';

const own = { clientInfo: ObjectText.from({ name: 'lockgate', version: '0' }), capabilities: ObjectText.EMPTY };
const params = ObjectText.read(Buffer.from('{"name":"a", "arguments":{"n":1.0},"_meta":{"k":[1.50]}}'));
const token = Buffer.from('"p"');

const envelope = (info: string, capabilities: string, level?: string) =>
  [
    '"io.modelcontextprotocol/protocolVersion":"2026-07-28"',
    `"io.modelcontextprotocol/clientInfo":${info}`,
    `"io.modelcontextprotocol/clientCapabilities":${capabilities}`,
    ...(level ? [`"io.modelcontextprotocol/logLevel":"${level}"`] : []),
  ].join(',');
const OWN = envelope('{"name":"lockgate","version":"0"}', '{}');

test('a legacy server gets the very parameters where nobody asked for progress', () => {
  expect(outboundParams('legacy', 7, params, fakeExchange('legacy'), own)).toBe(params);
  expect(outboundParams('legacy', 7, undefined, undefined, own)).toBeUndefined();
});

test.each<[string, ObjectText | undefined, string]>([
  ['beside what else is there', params, '{"name":"a", "arguments":{"n":1.0},"_meta":{"k":[1.50],"progressToken":7}}'],
  ['where there are no parameters', undefined, '{"_meta":{"progressToken":7}}'],
  [
    'where the client wrote its own',
    ObjectText.from({ _meta: { progressToken: 'p' } }),
    '{"_meta":{"progressToken":7}}',
  ],
])('progress is asked for under the id of the request, %s', (_what, given, expected) => {
  const sent = outboundParams('legacy', 7, given, fakeExchange('legacy', { progressToken: token }), own);
  expect(String(sent?.toBytes())).toBe(expected);
});

test('a modern server learns of the gateway where it asks for nobody in particular', () => {
  expect(String(outboundParams('modern', 7, undefined, undefined, own)?.toBytes())).toBe(`{"_meta":{${OWN}}}`);
});

test.each<Era>(['legacy', 'modern'])(
  'a modern server learns of a %s client nothing but what it can be asked, where it may not be told more',
  (era) => {
    const peer = {
      capabilities: ObjectText.from({ sampling: { said: 1 }, experimental: { said: 1 } }),
      clientInfo: ObjectText.from({ name: 'said', version: '1' }),
      logLevel: 'error',
    };
    const exchange = { ...fakeExchange(era, { peer }), saysNothingOfItself: true };
    const said = envelope('{"name":"lockgate","version":"0"}', '{"sampling":{}}', 'error');
    const bare = ObjectText.from({ name: 'a' });
    expect(String(outboundParams('modern', 7, bare, exchange, own)?.toBytes())).toBe(`{"name":"a","_meta":{${said}}}`);
  },
);

test('a modern server learns of a legacy client what it said in its handshake, as it wrote it', () => {
  const capabilities = ObjectText.read(Buffer.from('{"sampling":{"n":1.0}}'));
  const clientInfo = ObjectText.read(Buffer.from('{"name":"c","version":"1","x":2.0}'));
  const exchange = fakeExchange('legacy', {
    peer: { capabilities, clientInfo, logLevel: 'error' },
    progressToken: token,
  });
  const said = envelope('{"name":"c","version":"1","x":2.0}', '{"sampling":{"n":1.0}}', 'error');
  expect(String(outboundParams('modern', 7, params, exchange, own)?.toBytes())).toBe(
    `{"name":"a", "arguments":{"n":1.0},"_meta":{"k":[1.50],${said},"progressToken":7}}`,
  );
});

describe('what a modern client says of itself', () => {
  const said = envelope('{"name":"c", "version":"1"}', '{ }', 'error');
  const given = ObjectText.read(Buffer.from(`{"name":"a","_meta":{${said},"k":1.0}}`));
  const clientInfo = ObjectText.from({ name: 'c', version: '1' });

  test('reaches a modern server as it was written', () => {
    const exchange = fakeExchange('modern', { peer: { clientInfo } });
    expect(outboundParams('modern', 7, given, exchange, own)).toBe(given);
    const reporting = fakeExchange('modern', { peer: { clientInfo }, progressToken: token });
    expect(String(outboundParams('modern', 7, given, reporting, own)?.toBytes())).toBe(
      `{"name":"a","_meta":{${said},"k":1.0,"progressToken":7}}`,
    );
  });

  test('does not reach a legacy server, which knows no such thing', () => {
    const exchange = fakeExchange('modern', { peer: { clientInfo } });
    expect(String(outboundParams('legacy', 7, given, exchange, own)?.toBytes())).toBe('{"name":"a","_meta":{"k":1.0}}');
    const bare = ObjectText.read(Buffer.from(`{"name":"a","_meta":{${said}}}`));
    expect(String(outboundParams('legacy', 7, bare, exchange, own)?.toBytes())).toBe('{"name":"a"}');
  });

  test('is completed where the client has no name', () => {
    const exchange = fakeExchange('modern', { peer: { logLevel: 'error' } });
    const meta = outboundParams('modern', 7, params, exchange, own)?.bytes('_meta');
    expect(String(meta)).toBe(`{"k":[1.50],${envelope('{"name":"lockgate","version":"0"}', '{}', 'error')}}`);
  });
});

test('a legacy client that has chosen no level gets all a modern server has to say; a modern one nothing', () => {
  const levelOf = (exchange: ReturnType<typeof fakeExchange>) =>
    outboundParams('modern', 7, params, exchange, own)?.object('_meta')?.text('io.modelcontextprotocol/logLevel');
  expect(levelOf(fakeExchange('legacy'))).toBe('debug');
  expect(levelOf(fakeExchange('legacy', { peer: { logLevel: 'error' } }))).toBe('error');
  expect(levelOf(fakeExchange('modern'))).toBeUndefined();
});
