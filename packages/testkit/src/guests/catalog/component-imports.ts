import type { ImportedItems, WitType } from '../component-builder.ts';
import type { ResultType, ValueType } from '../instructions.ts';
import { HTTP_ERROR_CODE } from './http-error-code.ts';

/** What one interface of WASI 0.2 gives; a number by `of` is a type of an interface before it. */
export type WasiImports = Readonly<Record<string, ImportedItems | ((of: (key: string) => number) => ImportedItems)>>;

/** A function of WASI as core code imports it. */
export interface LoweredFunction {
  readonly from: string;
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly result: ResultType;
}

const BYTES = { list: 'u8' } as const;
const STREAMS = 'wasi:io/streams';
const TYPES = 'wasi:http/types';
/** In the types of `wasi:io/streams` below: an error that is owned, and the streams lent. */
const [ERROR, INPUT, OUTPUT] = [{ own: 1 }, { borrow: 2 }, { borrow: 3 }];
const failing = (ok: WitType | null): WitType => ({
  result: [ok, { variant: { 'last-operation-failed': ERROR, closed: null } }],
});
const STREAM_IMPORTS: WasiImports = {
  'wasi:io/error': { error: null },
  [STREAMS]: (of) => ({
    error: of('wasi:io/error#error'),
    'input-stream': null,
    'output-stream': null,
    '[method]input-stream.blocking-read': { params: { self: INPUT, len: 'u64' }, result: failing(BYTES) },
    '[method]output-stream.blocking-write-and-flush': {
      params: { self: OUTPUT, contents: BYTES },
      result: failing(null),
    },
  }),
  'wasi:cli/stderr': (of) => ({
    'output-stream': of(`${STREAMS}#output-stream`),
    'get-stderr': { params: {}, result: { own: 1 } },
  }),
  'wasi:cli/exit': { exit: { params: { status: { result: [null, null] } } } },
};
const STREAM_FUNCTIONS: readonly LoweredFunction[] = [
  { from: STREAMS, name: '[method]input-stream.blocking-read', params: ['i32', 'i64', 'i32'], result: 'void' },
  {
    ...{ from: STREAMS, name: '[method]output-stream.blocking-write-and-flush', result: 'void' },
    params: ['i32', 'i32', 'i32', 'i32'],
  },
  { from: 'wasi:cli/stderr', name: 'get-stderr', params: [], result: 'i32' },
  { from: 'wasi:cli/exit', name: 'exit', params: ['i32'], result: 'void' },
];

/** What a program with pipes imports. */
export const RUN: { readonly imports: WasiImports; readonly lowered: readonly LoweredFunction[] } = {
  imports: {
    ...STREAM_IMPORTS,
    'wasi:cli/stdin': (of) => ({
      'input-stream': of(`${STREAMS}#input-stream`),
      'get-stdin': { params: {}, result: { own: 1 } },
    }),
    'wasi:cli/stdout': (of) => ({
      'output-stream': of(`${STREAMS}#output-stream`),
      'get-stdout': { params: {}, result: { own: 1 } },
    }),
  },
  lowered: [
    ...STREAM_FUNCTIONS,
    { from: 'wasi:cli/stdin', name: 'get-stdin', params: [], result: 'i32' },
    { from: 'wasi:cli/stdout', name: 'get-stdout', params: [], result: 'i32' },
  ],
};

/** Handles in the types below, which are numbered as they come; those of another interface take two numbers. */
const [FIELDS, ASKED, OUT, ANSWER, BODY, ASKED_BODY, WRITTEN, READ] = [0, 1, 2, 3, 4, 5, 7, 9];
const orNothing = (ok: WitType | null): WitType => ({ result: [ok, null] });

/** What a program that is asked over HTTP imports. */
export const HTTP: typeof RUN = {
  imports: {
    ...STREAM_IMPORTS,
    [TYPES]: (of) => ({
      ...{ fields: null, 'incoming-request': null, 'response-outparam': null, 'outgoing-response': null },
      ...{ 'outgoing-body': null, 'incoming-body': null },
      'output-stream': of(`${STREAMS}#output-stream`),
      'input-stream': of(`${STREAMS}#input-stream`),
      '[method]incoming-request.consume': {
        params: { self: { borrow: ASKED } },
        result: orNothing({ own: ASKED_BODY }),
      },
      '[method]incoming-body.stream': { params: { self: { borrow: ASKED_BODY } }, result: orNothing({ own: READ }) },
      '[constructor]fields': { params: {}, result: { own: FIELDS } },
      '[method]fields.append': {
        params: { self: { borrow: FIELDS }, name: 'string', value: BYTES },
        result: { result: [null, { variant: { 'invalid-syntax': null, forbidden: null, immutable: null } }] },
      },
      '[constructor]outgoing-response': { params: { headers: { own: FIELDS } }, result: { own: ANSWER } },
      '[method]outgoing-response.set-status-code': {
        params: { self: { borrow: ANSWER }, 'status-code': 'u16' },
        result: orNothing(null),
      },
      '[method]outgoing-response.body': { params: { self: { borrow: ANSWER } }, result: orNothing({ own: BODY }) },
      '[method]outgoing-body.write': { params: { self: { borrow: BODY } }, result: orNothing({ own: WRITTEN }) },
      '[static]outgoing-body.finish': {
        params: { this: { own: BODY }, trailers: { option: { own: FIELDS } } },
        result: { result: [null, HTTP_ERROR_CODE] },
      },
      '[static]response-outparam.set': {
        params: { param: { own: OUT }, response: { result: [{ own: ANSWER }, HTTP_ERROR_CODE] } },
      },
    }),
  },
  lowered: [
    ...STREAM_FUNCTIONS,
    { from: TYPES, name: '[method]incoming-request.consume', params: ['i32', 'i32'], result: 'void' },
    { from: TYPES, name: '[method]incoming-body.stream', params: ['i32', 'i32'], result: 'void' },
    { from: TYPES, name: '[constructor]fields', params: [], result: 'i32' },
    {
      ...{ from: TYPES, name: '[method]fields.append', result: 'void' },
      params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    },
    { from: TYPES, name: '[constructor]outgoing-response', params: ['i32'], result: 'i32' },
    { from: TYPES, name: '[method]outgoing-response.set-status-code', params: ['i32', 'i32'], result: 'i32' },
    { from: TYPES, name: '[method]outgoing-response.body', params: ['i32', 'i32'], result: 'void' },
    { from: TYPES, name: '[method]outgoing-body.write', params: ['i32', 'i32'], result: 'void' },
    { from: TYPES, name: '[static]outgoing-body.finish', params: ['i32', 'i32', 'i32', 'i32'], result: 'void' },
    {
      ...{ from: TYPES, name: '[static]response-outparam.set', result: 'void' },
      params: ['i32', 'i32', 'i32', 'i32', 'i64', 'i32', 'i32', 'i32', 'i32'],
    },
  ],
};
