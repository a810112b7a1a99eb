import fc from 'fast-check';

/** Texts that trouble readers of JSON: escapes, doubles, numbers that lose digits, separators, characters of all widths. */
const TOKENS = [
  ...['"', '\\', ',', ':', '{', '}', '[', ']', ' ', '\n', '\r\n', '\t', '\0', '\u0001', '0', '1', '-', '.', 'e', '+'],
  ...['true', 'null', 'fals', 'NaN', '1e400', '-0', '1.0', '9007199254740993', '\\u0061', '\\ud800', '\\x', '\\u12'],
  ...[
    '"id":1,',
    '"ID":1,',
    '"\\u0069d":2,',
    '"params":{},',
    '"name":"b",',
    '"Name":"b",',
    '"Uri":1,',
    '"argument\u017f":{},',
    '"na\\u006de":1,',
    '"__proto__":1,',
  ],
  ...['"ſ"', '\u212a', '\u2028', '\ufeff', 'é', '漢', '😀', '{"a":1,"a":2}', '[[', ']]', '[]', '{}', '""', '"a":'],
];

const character = fc.constantFrom('a', 'b', ' ', 'é', '漢', '😀', '"', '\\', '\n', '\u2028', '\ud800', '\u007f', '/');
const string = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: character, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: character, minLength: 30, maxLength: 90 }) },
);
const key = fc.oneof(
  fc.constantFrom(
    'name',
    'arguments',
    '_meta',
    'progressToken',
    'content',
    'isError',
    'a',
    'b',
    '',
    '__proto__',
    'data',
  ),
  fc.constantFrom('uri', 'toString', 'text', 'type', 'structuredContent'),
  string,
);
const number = fc.constantFrom(
  '0',
  '-0',
  '1',
  '-1',
  '12',
  '1.0',
  '0.5',
  '1e3',
  '1E-2',
  '1e400',
  '9007199254740993',
  '-7.25e+1',
);
const space = fc.constantFrom('', '', '', '', ' ', '\n', '\r\n\t', '  ');

/** A string as one of the texts that mean it. */
const quoted = fc.tuple(string, fc.boolean()).map(([text, escaped]) => quote(text, escaped));
const quotedKey = fc.tuple(key, fc.integer({ min: 0, max: 9 })).map(([text, dice]) => quote(text, dice === 0));

const { value } = fc.letrec<{ value: string; object: string; list: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(quoted, number, fc.constantFrom('true', 'false', 'null')),
    tie('object'),
    tie('list'),
  ),
  object: fc.array(fc.tuple(quotedKey, tie('value'), space), { maxLength: 5 }).map(objectText),
  list: fc
    .array(fc.tuple(tie('value'), space), { maxLength: 4 })
    .map((items) => `[${items.map(([item, gap]) => gap + item + gap).join(',')}]`),
}));
const member = fc.tuple(quotedKey, value, space);
const object = fc.array(member, { maxLength: 6 }).map(objectText);

const meta = fc.array(
  fc.tuple(
    fc.constantFrom('"progressToken"', '"a"', '"b"', '"Vendor/x"', '"ProgressToken"', '"progre\u017f\u017fToken"'),
    value,
    space,
  ),
  {
    maxLength: 3,
  },
);
const params = fc
  .tuple(fc.uniqueArray(member, { maxLength: 4, selector: ([name]) => JSON.parse(name) as string }), meta, fc.boolean())
  .map(([members, inner, has]) => objectText(has ? [...members, ['"_meta"', objectText(inner), '']] : members));

const id = fc.oneof(number, quoted, fc.constantFrom('null', '{}', 'true'));
const method = fc.oneof(
  fc.constantFrom('"tools/call"', '"ping"', '"notifications/progress"', '"tools\\/list"'),
  quoted,
  number,
);

/** One text that is a frame, or nearly one: valid JSON in any case. */
export function anyFrameText(): fc.Arbitrary<Buffer> {
  const envelope = fc.oneof(
    fc.record({ jsonrpc: fc.constant('"2.0"'), id, method, params }, { requiredKeys: ['jsonrpc', 'method'] }),
    fc.record({ jsonrpc: fc.constant('"2.0"'), id, result: object }, { requiredKeys: ['jsonrpc', 'id', 'result'] }),
    fc.record({ jsonrpc: fc.constant('"2.0"'), id, error: object }, { requiredKeys: ['jsonrpc', 'error'] }),
    fc.record({ jsonrpc: id, id, method, params: value, result: value }, { requiredKeys: [] }),
  );
  return fc
    .tuple(envelope, fc.array(space, { minLength: 6, maxLength: 6 }), fc.integer({ min: 0, max: 5 }))
    .map(([members, gaps, turn]) => {
      const entries = Object.entries(members).map(
        ([name, text], i) => [`"${name}"`, text ?? 'null', gaps[i] ?? ''] as const,
      );
      return Buffer.from(`${gaps[5]}${objectText([...entries.slice(turn), ...entries.slice(0, turn)])}${gaps[4]}`);
    });
}

export const anyObjectText = (): fc.Arbitrary<Buffer> => object.map((text) => Buffer.from(text));

/** One text, and texts with a fault or two each: bytes cut out, doubled or replaced, by others or by tokens. */
export function frameAndMutants(mutants: number): fc.Arbitrary<Buffer[]> {
  const faults = fc.array(fc.nat(), { minLength: 2, maxLength: 2 });
  return fc
    .tuple(anyFrameText(), fc.array(faults, { minLength: mutants, maxLength: mutants }))
    .map(([text, all]) => [text, ...all.map((two) => two.reduce(withFault, text))]);
}

/** A number says all of the fault: this is the hot part of the tests. */
function withFault(text: Buffer, dice: number): Buffer {
  const token = TOKENS[(dice >>> 3) % TOKENS.length] ?? '';
  const insert =
    [Buffer.from(token), Buffer.from(token), Buffer.from([dice & 0xff]), Buffer.alloc(0)][dice % 4] ?? text;
  if (dice % 32 === 0) return text;
  const from = (dice >>> 11) % (text.length + 1);
  return Buffer.concat([text.subarray(0, from), insert, text.subarray(from + ((dice >>> 8) % 4))]);
}

function quote(text: string, escaped: boolean): string {
  if (!escaped) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16).padStart(4, '0'));
  return `"${units.map((unit) => `\\u${unit}`).join('')}"`;
}

function objectText(members: readonly (readonly [string, string, string])[]): string {
  return `{${members.map(([name, text, gap]) => `${gap}${name}${gap}:${text}${gap}`).join(',')}}`;
}
