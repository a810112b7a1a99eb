import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonText } from '../src/parse-json-text.ts';

/** A JSON text of a value in which some characters of keys and strings are escaped, and spaces are anywhere. */
const spelled = fc.letrec<{ value: string }>((tie) => {
  const unit = fc.oneof(
    fc.constantFrom('n', 'name', '\\u0061', '\\u0000', '\\n', '\\"', '\\\\', ':', ' ', ',', '}', 'é'),
  );
  const text = fc.array(unit, { maxLength: 5 }).map((units) => `"${units.join('')}"`);
  const space = fc.constantFrom('', ' ', '\n\t');
  const literal = fc.constantFrom('0', '-1.5e3', '12345678901234567890', 'true', 'false', 'null');
  const list = fc.array(tie('value'), { maxLength: 4 });
  const member = fc.tuple(text, space, tie('value')).map(([key, gap, value]) => `${key}${gap}:${gap}${value}`);
  return {
    value: fc.oneof(
      { maxDepth: 4 },
      literal,
      text,
      fc.tuple(space, list).map(([gap, inner]) => `[${inner.join(`${gap},`)}${gap}]`),
      fc
        .tuple(space, fc.array(member, { maxLength: 4 }))
        .map(([gap, inner]) => `{${gap}${inner.join(`,${gap}`)}${gap}}`),
    ),
  };
}).value;

/** What V8 makes of it where no key has an escape: keys are read one by one, and written as code units before the whole is parsed. */
function oracle(text: string): unknown {
  const plain = text.replaceAll(/"((?:[^"\\]|\\.)*)"([ \n\r\t]*:)?/g, (token, _inner, colon?: string) =>
    colon === undefined
      ? token
      : `"k${[...(JSON.parse(token.slice(0, -colon.length)) as string)].map((unit) => unit.codePointAt(0)).join('_')}":`,
  );
  return withKeys(JSON.parse(plain));
}

function withKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key === 'k' ? '' : String.fromCodePoint(...key.slice(1).split('_').map(Number)),
      withKeys(inner),
    ]),
  );
}

describe('JSON of an untrusted writer', () => {
  test('a key with an escape is read right, also after keys that V8 takes for it', () => {
    parseJsonText('{"h":[],"n\\u0":0}'.replace('\\u0', '\\u0000'));
    parseJsonText('{"h":[],"\\\\":0}');
    expect(parseJsonText('{"h":1,"\\"":2}')).toEqual({ h: 1, '"': 2 });
    expect(parseJsonText('{"h":1,"n\\u0061me":2}')).toEqual({ h: 1, name: 2 });
  });

  test('any JSON is what it says, whatever is escaped in it', () => {
    fc.assert(
      fc.property(spelled, (text) => {
        expect(parseJsonText(text)).toEqual(oracle(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('text that is broken anywhere is refused as by JSON.parse', () => {
    const broken = fc
      .tuple(spelled, fc.nat(), fc.constantFrom('', '"', '\\', ',', ':', '}', ']', '1', 'x', '\n'))
      .map(([text, at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1));
    const isJson = (parse: (text: string) => unknown, text: string): boolean => {
      try {
        parse(text);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
        return false;
      }
    };
    fc.assert(
      fc.property(broken, (text) => {
        expect(isJson(parseJsonText, text)).toBe(isJson(JSON.parse, text));
      }),
      { numRuns: 5_000 },
    );
  });

  test('numbers are read by whoever wants them as they stand, with and without escapes in keys', () => {
    expect(parseJsonText('[1e2,{"a":1.0}]', (text) => `#${text}`)).toEqual(['#1e2', { a: '#1.0' }]);
    expect(parseJsonText('[1e2,{"\\u0061":1.0}]', (text) => `#${text}`)).toEqual(['#1e2', { a: '#1.0' }]);
  });

  test('the name of a prototype is a key like any other', () => {
    expect(Object.keys(parseJsonText('{"__proto__":1,"\\u005f_proto__":2}') as object)).toEqual(['__proto__']);
  });

  test('megabytes of escapes overflow nothing', () => {
    const text = `{"a":"${'\\n\\"'.repeat(4_000_000)}"}`;
    expect((parseJsonText(text) as { a: string }).a).toHaveLength(8_000_000);
    const escaped = `{"\\u0061":"${'\\n\\"'.repeat(1_000_000)}"}`;
    expect((parseJsonText(escaped) as { a: string }).a).toHaveLength(2_000_000);
  });
});
