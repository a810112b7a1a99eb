import { HTTP_ERROR_CODE, type ImportedItems } from '@lockgate/testkit';
import { i32Const, store32 } from '../component/core-module.ts';
import { type LoweredFunction, type ToolComponent, toolComponent } from '../component/tool-component.ts';
import { consoleImports } from '../component/wasi-imports.ts';

const TYPES = 'wasi:http/types';
/** Handles of these in the types below: fields, a request, where the answer goes, an answer, its body, and a stream. */
const [FIELDS, , OUT, ANSWER, BODY, , STREAM] = [0, 1, 2, 3, 4, 5, 6] as const;
const types = (of: (key: string) => number): ImportedItems => ({
  ...{ fields: null, 'incoming-request': null, 'response-outparam': null, 'outgoing-response': null },
  'outgoing-body': null,
  'output-stream': of('wasi:io/streams#output-stream'),
  '[constructor]fields': { params: {}, result: { own: FIELDS } },
  '[constructor]outgoing-response': { params: { headers: { own: FIELDS } }, result: { own: ANSWER } },
  '[method]outgoing-response.body': { params: { self: { borrow: ANSWER } }, result: { result: [{ own: BODY }, null] } },
  '[method]outgoing-body.write': { params: { self: { borrow: BODY } }, result: { result: [{ own: STREAM }, null] } },
  '[static]outgoing-body.finish': {
    params: { this: { own: BODY }, trailers: { option: { own: FIELDS } } },
    result: { result: [null, HTTP_ERROR_CODE] },
  },
  '[static]response-outparam.set': {
    params: { param: { own: OUT }, response: { result: [{ own: ANSWER }, HTTP_ERROR_CODE] } },
  },
});

const I32 = 'i32' as const;
const lowered: readonly LoweredFunction[] = [
  { from: TYPES, name: '[constructor]fields', params: [], results: [I32] },
  { from: TYPES, name: '[constructor]outgoing-response', params: [I32], results: [I32] },
  { from: TYPES, name: '[method]outgoing-response.body', params: [I32, I32], results: [] },
  { from: TYPES, name: '[method]outgoing-body.write', params: [I32, I32], results: [] },
  { from: TYPES, name: '[static]outgoing-body.finish', params: [I32, I32, I32, I32], results: [] },
  {
    from: TYPES,
    name: '[static]response-outparam.set',
    params: [I32, I32, I32, I32, 'i64', I32, I32, I32, I32],
    results: [],
  },
  {
    from: 'wasi:io/streams',
    name: '[method]output-stream.blocking-write-and-flush',
    params: [I32, I32, I32, I32],
    results: [],
  },
  { from: 'wasi:clocks/monotonic-clock', name: 'subscribe-duration', params: ['i64'], results: [I32] },
  { from: 'wasi:io/poll', name: '[method]pollable.block', params: [I32], results: [] },
];
const call = (name: string): number[] => [0x10, lowered.findIndex((one) => one.name === name)];

/** Where handles and answers of functions lie, and the text that is written. */
const [RESPONSE, BODY_AT, STREAM_AT, ANSWER_AT, TEXT_AT] = [512, 1_024, 1_032, 1_040, 2_048];
const at = (address: number): number[] => [...i32Const(address), 0x28, 2, 0];

const MAKE: readonly number[] = [
  ...store32(RESPONSE, [...call('[constructor]fields'), ...call('[constructor]outgoing-response')]),
  ...[...at(RESPONSE), ...i32Const(BODY_AT), ...call('[method]outgoing-response.body')],
  ...[...at(BODY_AT + 4), ...i32Const(STREAM_AT), ...call('[method]outgoing-body.write')],
];
const GIVE: readonly number[] = [
  ...[0x20, 1, ...i32Const(0), ...at(RESPONSE), ...i32Const(0), 0x42, 0],
  ...[0, 0, 0, 0].flatMap((zero) => i32Const(zero)),
  ...call('[static]response-outparam.set'),
];
/** The answer is given, and its body open. */
export const BEGIN: readonly number[] = [...MAKE, ...GIVE];
export const WRITE: readonly number[] = [
  ...[...at(STREAM_AT + 4), ...i32Const(TEXT_AT), ...i32Const(5), ...i32Const(ANSWER_AT)],
  ...call('[method]output-stream.blocking-write-and-flush'),
];
/** Sleeps for some microseconds. */
export const PAUSE: readonly number[] = [
  ...[0x42, 0x80, 0x80, 4],
  ...call('subscribe-duration'),
  ...call('[method]pollable.block'),
];
/** Sleeps for longer than any test. */
export const SLEEP: readonly number[] = [
  ...[0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 4],
  ...call('subscribe-duration'),
  ...call('[method]pollable.block'),
];
export const FINISH: readonly number[] = [
  ...[...at(BODY_AT + 4), ...i32Const(0), ...i32Const(0), ...i32Const(ANSWER_AT)],
  ...call('[static]outgoing-body.finish'),
];
/** The answer is given when all of its body has been written. */
export const COMPLETE: readonly number[] = [...MAKE, ...WRITE, ...FINISH, ...GIVE];
const KEY_VALUE_ERROR = { variant: { 'no-such-store': null, 'access-denied': null, other: 'string' } } as const;
const [BUCKET_AT, COUNT_AT] = [3_072, 3_104];
const atNewText = (code: readonly number[]): number[] => [...i32Const(TEXT_AT), ...code, 0x3a, 0, 0];
const keyValue = (version: string): readonly LoweredFunction[] => [
  { from: `wasi:keyvalue/store@${version}`, name: 'open', params: [I32, I32, I32], results: [] },
  { from: `wasi:keyvalue/atomics@${version}`, name: 'increment', params: [I32, I32, I32, 'i64', I32], results: [] },
];

interface KeyValueDraft {
  readonly version: string;
  readonly number: 'u64' | 's64';
}

/**
 * Answers a digit for the number of requests so far, as a store of keys and values has it, and `ello`; traps where it gets none.
 * The number has the type that the draft of `wasi:keyvalue` says for which it is made.
 */
export function countingComponent(
  draft: KeyValueDraft = { version: '0.2.0-draft', number: 'u64' },
): Uint8Array<ArrayBuffer> {
  const { version, number } = draft;
  const [open, increment] = [lowered.length, lowered.length + 1];
  const ifFailed = (address: number): number[] => [...i32Const(address), 0x2d, 0, 0, 0x04, 0x40, ...TRAP, 0x0b];
  const code = [
    ...[...i32Const(TEXT_AT), ...i32Const(0), ...i32Const(BUCKET_AT), 0x10, open, ...ifFailed(BUCKET_AT)],
    ...[...at(BUCKET_AT + 4), ...i32Const(TEXT_AT), ...i32Const(1), 0x42, 1, ...i32Const(COUNT_AT), 0x10, increment],
    ...ifFailed(COUNT_AT),
    ...atNewText([...at(COUNT_AT + 8), ...i32Const(48), 0x6a]),
    ...COMPLETE,
  ];
  return httpComponent(code, {
    imports: {
      ...httpImports,
      [`wasi:keyvalue/store@${version}`]: {
        bucket: null,
        open: { params: { identifier: 'string' }, result: { result: [{ own: 0 }, KEY_VALUE_ERROR] } },
      },
      [`wasi:keyvalue/atomics@${version}`]: (of) => ({
        bucket: of(`wasi:keyvalue/store@${version}#bucket`),
        increment: {
          params: { bucket: { borrow: 1 }, key: 'string', delta: number },
          result: { result: [number, KEY_VALUE_ERROR] },
        },
      }),
    },
    lowered: [...lowered, ...keyValue(version)],
  });
}

/** Takes so many pages of memory more, or none. */
export const GROW = (pages: number): readonly number[] => [...i32Const(pages), 0x40, 0, 0x1a];
export const TRAP: readonly number[] = [0x00];
export const FOREVER = (code: readonly number[]): readonly number[] => [0x03, 0x40, ...code, 0x0c, 0, 0x0b];

/** A component that says `hello` to stderr in its start section, and traps there. */
export function trappingAtStart(): Uint8Array<ArrayBuffer> {
  const code = [
    ...[0x10, lowered.length, ...i32Const(TEXT_AT), ...i32Const(5), ...i32Const(ANSWER_AT)],
    ...[...call('[method]output-stream.blocking-write-and-flush'), ...TRAP],
  ];
  return httpComponent([], {
    functions: [{ name: 'start', params: [], results: [], code }],
    starts: true,
    imports: {
      ...httpImports,
      'wasi:cli/stderr': (of) => ({
        'output-stream': of('wasi:io/streams#output-stream'),
        'get-stderr': { params: {}, result: { own: 1 } },
      }),
    },
    lowered: [...lowered, { from: 'wasi:cli/stderr', name: 'get-stderr', params: [], results: [I32] }],
  });
}

const { 'wasi:cli/stdin': _in, 'wasi:cli/stdout': _out, ...io } = consoleImports;
const httpImports: NonNullable<ToolComponent['imports']> = {
  ...io,
  'wasi:clocks/monotonic-clock': (of) => ({
    pollable: of('wasi:io/poll#pollable'),
    'subscribe-duration': { params: { when: 'u64' }, result: { own: 1 } },
  }),
  [TYPES]: types,
};

/** A component that exports `wasi:http/incoming-handler`, which runs this code; what it writes is `hello`. */
export function httpComponent(code: readonly number[], more: Partial<ToolComponent> = {}): Uint8Array<ArrayBuffer> {
  return toolComponent({
    tool: (of) => ({
      params: {
        request: { own: of(`${TYPES}#incoming-request`) },
        'response-out': { own: of(`${TYPES}#response-outparam`) },
      },
    }),
    params: [I32, I32],
    imports: httpImports,
    lowered,
    exportedAs: ['wasi:http/incoming-handler@0.2.0', 'handle'],
    data: { offset: TEXT_AT, bytes: [...new TextEncoder().encode('hello')] },
    code,
    ...more,
  });
}
