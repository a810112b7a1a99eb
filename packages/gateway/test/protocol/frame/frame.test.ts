import { describe, expect, test } from 'vitest';
import { readFrame, readFrames } from '../../../src/protocol/frame/frame.ts';
import { FrameError } from '../../../src/protocol/frame/frame-error.ts';

const call = (members: string): string => `{"jsonrpc":"2.0",${members}}`;

function refusal(text: string | Buffer, options?: { unique?: boolean }): FrameError {
  try {
    readFrame(Buffer.from(text as string), options);
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new TypeError('Expected the frame to be refused.');
}

describe('a frame', () => {
  test('that is a request has its id and params as the bytes that came', () => {
    const params = '{ "name" : "a", "arguments": {"n":9007199254740993, "x": 1.0, "x": -0, "s":"\\ud800"} }';
    const frame = readFrame(Buffer.from(` ${call(`"id": 1.0 ,"method":"tools\\/call","params":${params}`)}\n`));
    if (frame.kind !== 'request') throw new TypeError('Expected a request.');
    expect(String(frame.id)).toBe('1.0');
    expect(frame.method).toBe('tools/call');
    expect(String(frame.params?.toBytes())).toBe(params);
    expect(frame.params?.text('name')).toBe('a');
    expect(frame.byteLength).toBe(call(`"id": 1.0 ,"method":"tools\\/call","params":${params}`).length);
  });

  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    ['a notification', '"method":"notifications/initialized"', { kind: 'notification', params: undefined }],
    ['a request of an unknown method', '"id":"é","method":"wéb/x"', { kind: 'request', method: 'wéb/x' }],
    ['a result', '"id":"a","result":{"a":1,"a":2,"Content":1}', { kind: 'result' }],
    ['a result beside an error that is null', '"id":1,"error":null,"result":{}', { kind: 'result' }],
    ['an error beside a result that is null', '"id":1,"result":null,"error":{}', { kind: 'error' }],
    ['an error of a request', '"id":-1e3,"error":{"code":1,"message":"no"}', { kind: 'error' }],
    ['an error of nobody knows which request', '"id":null,"error":{}', { kind: 'error', id: undefined }],
    ['an error without id', '"error":{}', { kind: 'error', id: undefined }],
  ])('that is %s is told by its members', (_, members, expected) => {
    expect(readFrame(Buffer.from(call(members)))).toMatchObject(expected);
  });

  test('takes an escaped version and escaped keys for what they mean', () => {
    const frame = readFrame(Buffer.from('{"json\\u0072pc":"2\\u002e0","method":"ping"}'));
    expect(frame).toMatchObject({ kind: 'notification', method: 'ping' });
  });

  test.each([
    ['nothing', ''],
    ['a byte order mark', `\ufeff${call('"method":"a"')}`],
    ['a NUL behind it', `${call('"method":"a"')}\0`],
    ['another frame behind it', call('"method":"a"').repeat(2)],
    ['a raw line feed in a string', call('"method":"a\n"')],
    ['an escape that there is not', call('"method":"a\\x"')],
    ['half an escape', call('"method":"\\u12"')],
    ['a number with a leading zero', call('"id":01,"method":"a"')],
    ['a number without a digit', call('"id":-,"method":"a"')],
    ['a comma too many', call('"method":"a",')],
    ['a word that JSON has not', call('"id":NaN,"method":"a"')],
    ['a frame without its end', call('"method":"a"').slice(0, -1)],
    [
      'an encoded surrogate',
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
    ['an overlong character', Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])],
  ])('is not JSON with %s', (_, text) => {
    expect(refusal(text)).toMatchObject({ code: 'GATEWAY_FRAME', rpcCode: -32700, id: undefined });
  });

  test('that is not UTF-8 is refused with the byte where it ceases to be', () => {
    for (const at of [0, 1, 7, 100]) {
      const text = Buffer.concat([Buffer.from('é'.repeat(at)), Buffer.from([0xff]), Buffer.from('漢'.repeat(50))]);
      expect(refusal(text).message).toBe(`The frame is not UTF-8, at byte ${at * 2}.`);
    }
  });

  test.each([
    ['a list', '[1]', undefined],
    ['no version', '{"id":7,"method":"a"}', '7'],
    ['another version', '{"jsonrpc":"1.0","id":7,"method":"a"}', '7'],
    ['a method that is no string', call('"id":7,"method":1'), '7'],
    ['params that are a list', call('"id":7,"method":"a","params":[]'), '7'],
    ['a null id', call('"id":null,"method":"a"'), undefined],
    ['an id that is an object', call('"id":{},"method":"a"'), undefined],
    ['a method and a result', call('"id":7,"method":"a","result":{}'), '7'],
    ['a result and an error', call('"id":7,"result":{},"error":{}'), '7'],
    ['a result of no request', call('"result":{}'), undefined],
    ['a result that is a list', call('"id":7,"result":[]'), '7'],
    ['an error that is a string', call('"id":7,"error":"x"'), '7'],
    ['none of method, result, error', call('"id":7'), '7'],
    ['two ids', call('"id":7,"id":8,"method":"a"'), undefined],
    ['two ids, one with escapes', call('"id":7,"\\u0069d":8,"method":"a"'), undefined],
    ['an id in capitals beside it', call('"id":7,"ID":8,"method":"a"'), undefined],
    ['two methods', call('"id":7,"method":"a","method":"b"'), '7'],
    ['two names', call('"id":7,"method":"a","params":{"name":"a","na\\u006de":"b"}'), '7'],
    ['two keys that nobody knows in params', call('"id":7,"method":"a","params":{"x":1,"x":1}'), '7'],
    ['a name in capitals', call('"id":7,"method":"a","params":{"NAME":"b"}'), '7'],
    ['arguments with a long s', call('"id":7,"method":"a","params":{"argument\u017f":{}}'), '7'],
    ['a token with a Kelvin sign', call('"id":7,"method":"a","params":{"_meta":{"progressTo\u212aen":1}}'), '7'],
    ['two tokens', call('"id":7,"method":"a","params":{"_meta":{"progressToken":1,"progressToken":1}}'), '7'],
    ['two contents', call('"id":7,"result":{"content":[],"content":[]}'), '7'],
    ['two codes', call('"id":7,"error":{"code":1,"code":2}'), '7'],
  ])('is refused with its id, where that is sure, for %s', (_, text, id) => {
    const error = refusal(text);
    expect(error.rpcCode).toBe(-32600);
    expect(error.id === undefined ? undefined : String(error.id)).toBe(id);
  });

  test('tells where it is wrong, and nothing of what it says', () => {
    const { message } = refusal(call('"id":7,"method":"a","params":{"name":"secret","name":"secret"}'));
    expect(message).toBe('The frame has a key of its envelope twice, at byte 63.');
  });

  test('that is no JSON further on is not JSON, whatever was found before', () => {
    expect(refusal(call('"id":7,"id":8,"method":"a",,')).rpcCode).toBe(-32700);
  });

  test('may be 128 levels deep and no deeper', () => {
    const nested = (levels: number): string =>
      call(`"method":"a","params":{"x":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}`);
    expect(readFrame(Buffer.from(nested(128))).kind).toBe('notification');
    expect(refusal(nested(129)).message).toMatch(/deeper than 128 levels/);
    expect(refusal(nested(100_000)).rpcCode).toBe(-32600);
  });

  test.each([
    ['an id in front', '"id":7,"method":"a","params":DEEP', '7'],
    ['an id behind', '"method":"a","params":DEEP , "id" : "a\\u0062" ', '"a\\u0062"'],
    ['an id inside only', '"method":"a","params":{"id":7,"x":DEEP}', undefined],
    ['two ids', '"id":7,"method":"a","params":DEEP,"id":8', undefined],
    ['an id in other letters too', '"id":7,"method":"a","params":DEEP,"ID":8', undefined],
    ['an id with escapes too', '"id":7,"method":"a","params":DEEP,"\\u0069\\u0064":8', undefined],
    ['an id that is no scalar', '"id":[7],"method":"a","params":DEEP', undefined],
    ['an id that is no JSON', '"method":"a","params":DEEP,"id":07', undefined],
    ['an answer', '"id":7,"result":DEEP', undefined],
    ['a request and an answer at once', '"id":7,"method":"a","params":{},"result":DEEP', undefined],
    ['a frame that is cut off', '"id":7,"method":"a","params":[DEEP', undefined],
  ])('that is too deep is refused with its id where that is sure: %s', (_, members, id) => {
    const deep = `${'['.repeat(200)}"},{\\"id"${']'.repeat(200)}`;
    const error = refusal(call(members.replace('DEEP', deep)));
    expect([error.rpcCode, error.message]).toEqual([-32600, expect.stringContaining('deeper than 128 levels')]);
    expect(error.id === undefined ? undefined : String(error.id)).toBe(id);
  });

  test('may have 10,000 members in each object of its envelope and no more, whatever its payload has', () => {
    const members = (count: number): string => Array.from({ length: count }, (_, i) => `"k${i}":0`).join();
    const params = (count: number): string => call(`"method":"a","params":{${members(count)}},"id":7`);
    expect(readFrame(Buffer.from(params(10_000))).kind).toBe('request');
    const { rpcCode, message, id } = refusal(params(10_001));
    expect([rpcCode, String(id)]).toEqual([-32600, '7']);
    expect(message).toMatch(/more than 10000 members/);
    const payload = call(`"id":7,"method":"a","params":{"arguments":{${members(10_001)}}}`);
    expect(readFrame(Buffer.from(payload)).kind).toBe('request');
  });

  test('has doubles refused in every object where they are asked to be', () => {
    const many = (last: string): string => Array.from({ length: 40 }, (_, i) => `"k${i}":{},`).join('') + last;
    for (const [inner, doubled] of [
      ['"x":1,"x":2', true],
      ['"x":1,"\\u0078":2', true],
      ['"\\u0078":1,"x":2', true],
      ['"x":{"x":{"x":1}},"y":[{"x":1},{"x":1}]', false],
      ['"abcd":1,"abxd":2,"\\ud800":1,"\\ud801":2', false],
      [many('"k40":1'), false],
      [many('"k39":1'), true],
      [many('"k3":1'), true],
      ['"a":[{"x":1,"y":{},"x":1}]', true],
    ] as const) {
      const text = call(`"id":7,"method":"a","params":{"arguments":{${inner}}}`);
      expect(readFrame(Buffer.from(text)).kind).toBe('request');
      if (doubled) expect(refusal(text, { unique: true })).toMatchObject({ rpcCode: -32600, id: Buffer.from('7') });
      else expect(readFrame(Buffer.from(text), { unique: true }).kind).toBe('request');
    }
  });

  test('may have as many members in its payload as fit, in linear time and read by the last', () => {
    const members = Array.from({ length: 50_000 }, (_, i) => `"k${i}":${i}`).join(',');
    const frame = readFrame(Buffer.from(call(`"method":"a","params":{"arguments":{${members}}}`)));
    expect(frame.kind === 'notification' && frame.params?.object('arguments')?.value('k49999')).toBe(49_999);
  });

  test('may have a byte order mark where the transport says so', () => {
    const bytes = Buffer.from(`\ufeff${call('"method":"a"')}`);
    expect(readFrame(bytes, { bom: true }).kind).toBe('notification');
    expect(readFrames(bytes, { bom: true })).toMatchObject({ kind: 'notification' });
  });
});

describe('a batch', () => {
  test('gives a frame or an error for each element', () => {
    const frames = readFrames(Buffer.from(`[${call('"method":"a"')}, 1, ${call('"id":7,"method":1')}, {}, [] ]`));
    expect(frames).toMatchObject([
      { kind: 'notification' },
      { rpcCode: -32600, id: undefined },
      { rpcCode: -32600, id: Buffer.from('7') },
      { rpcCode: -32600 },
      { rpcCode: -32600 },
    ]);
  });

  test.each([
    ['[]', -32600],
    [' [ ] ', -32600],
    ['[1', -32700],
    ['[{}]x', -32700],
    ['[{},]', -32700],
    ['1', -32600],
  ])('is refused as a whole where it is %s', (text, rpcCode) => {
    expect(() => readFrames(Buffer.from(text))).toThrow(expect.objectContaining({ rpcCode }));
  });
});
