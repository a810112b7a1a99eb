import { describe, expect, test } from 'vitest';
import {
  claimsModern,
  isModernEnvelope,
  isProblem,
  missingEnvelopeKeys,
  readEnvelope,
  withEnvelope,
  withoutEnvelope,
} from '../../src/protocol/envelope.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';

const prefix = 'io.modelcontextprotocol/';
const VERSION = `${prefix}protocolVersion`;
const INFO = `${prefix}clientInfo`;
const CAPABILITIES = `${prefix}clientCapabilities`;
const LEVEL = `${prefix}logLevel`;

const least = { [VERSION]: '2026-07-28', [CAPABILITIES]: {} };
const from = (value: Record<string, unknown>) => ObjectText.from(value);
const params = (meta: unknown) => from({ name: 'a', _meta: meta });

describe('an envelope', () => {
  test('is read as its client wrote it', () => {
    const info = '{"name":"c","version":"1","n":1.0}';
    const text = `{"${VERSION}":"2026-07-28","${CAPABILITIES}":{ "x":1e3 },"${INFO}":${info},"${LEVEL}":"error"}`;
    const read = readEnvelope(ObjectText.read(Buffer.from(text)));
    if (isProblem(read)) throw new Error(read.problem);
    expect(read).toMatchObject({ version: '2026-07-28', logLevel: 'error' });
    expect(String(read.capabilities.toBytes())).toBe('{ "x":1e3 }');
    expect(String(read.clientInfo?.toBytes())).toBe(info);
  });

  test('may lack a client and a level', () => {
    expect(readEnvelope(from(least))).toMatchObject({ clientInfo: undefined, logLevel: undefined });
  });

  test.each([
    [VERSION, { [CAPABILITIES]: {} }, 'missing'],
    [CAPABILITIES, { [VERSION]: '2026-07-28' }, 'missing'],
    [VERSION, { ...least, [VERSION]: 2026 }, 'expected a string'],
    [CAPABILITIES, { ...least, [CAPABILITIES]: [] }, 'expected an object'],
    [INFO, { ...least, [INFO]: null }, 'expected an object'],
    [`${INFO}.name`, { ...least, [INFO]: { version: '1' } }, 'expected a string'],
    [`${INFO}.version`, { ...least, [INFO]: { name: 'c', version: 1 } }, 'expected a string'],
    [INFO, { ...least, [INFO]: { name: 'c'.repeat(65_536), version: '1' } }, 'expected at most 65536 bytes'],
    [LEVEL, { ...least, [LEVEL]: 'loud' }, /^expected one of debug, /],
    ['progressToken', { ...least, progressToken: null }, 'expected a string or a number'],
  ])('is wrong where %s is in %j', (key, meta, problem) => {
    expect(readEnvelope(from(meta))).toMatchObject({ key, problem: expect.stringMatching(problem) });
  });
});

test.each([
  [undefined, false, false],
  [from({}), false, false],
  [params('x'), false, false],
  [params({ progressToken: 1 }), false, false],
  [params({ [VERSION]: 1 }), true, false],
  [params(least), true, true],
  [params({ ...least, [VERSION]: '2027-01-01' }), true, true],
  [params({ ...least, [VERSION]: '2025-11-25' }), true, false],
])('parameters claim to be modern, or are (%#)', (given, claims, is) => {
  expect(claimsModern(given)).toBe(claims);
  expect(isModernEnvelope(given)).toBe(is);
});

test.each([
  [undefined, ['_meta']],
  [params(1), ['_meta']],
  [params({}), [VERSION, CAPABILITIES]],
  [params({ [CAPABILITIES]: {} }), [VERSION]],
])('what a request lacks is named (%#)', (given, missing) => {
  expect(missingEnvelopeKeys(given)).toEqual(missing);
});

describe('parameters', () => {
  const more = '"k": 1.0,"progressToken":7';
  const envelope = `"${VERSION}":"2026-07-28","${INFO}":{"name":"c","version":"1"},"${CAPABILITIES}":{},"${LEVEL}":"error"`;

  test('lose the envelope and nothing else', () => {
    const text = `{"name":"a","_meta":{${envelope},${more}},"arguments":{"n":1.0}}`;
    expect(String(withoutEnvelope(ObjectText.read(Buffer.from(text))).toBytes())).toBe(
      `{"name":"a","_meta":{${more}},"arguments":{"n":1.0}}`,
    );
    const bare = ObjectText.read(Buffer.from(`{"name":"a","_meta":{${envelope}}}`));
    expect(String(withoutEnvelope(bare).toBytes())).toBe('{"name":"a"}');
    const none = from({ name: 'a' });
    expect(withoutEnvelope(none)).toBe(none);
  });

  test('get it beside what they have', () => {
    const meta = ObjectText.read(Buffer.from(`{${more}}`));
    const said = withEnvelope(meta, from({ name: 'c', version: '1' }), ObjectText.EMPTY, 'error');
    expect(String(said.toBytes())).toBe(`{${more},${envelope}}`);
    expect(isProblem(readEnvelope(said))).toBe(false);
    expect(withEnvelope(meta, from({ name: 'c', version: '1' }), ObjectText.EMPTY, undefined).has(LEVEL)).toBe(false);
  });
});
