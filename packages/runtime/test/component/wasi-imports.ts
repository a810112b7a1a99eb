import type { WitType } from '@lockgate/testkit';
import type { LoweredFunction, ToolComponent } from './tool-component.ts';

const BYTES = { list: 'u8' } as const;
/** In the types of `wasi:io/streams` below: an error that is owned, and the streams lent. */
const [ERROR, INPUT, OUTPUT] = [{ own: 1 }, { borrow: 4 }, { borrow: 5 }];
const failing = (ok: WitType | null): WitType => ({
  result: [ok, { variant: { 'last-operation-failed': ERROR, closed: null } }],
});

/** What a program on a console imports. */
export const consoleImports: NonNullable<ToolComponent['imports']> = {
  'wasi:io/error': { error: null },
  'wasi:io/poll': {
    pollable: null,
    '[method]pollable.block': { params: { self: { borrow: 0 } } },
  },
  'wasi:io/streams': (of) => ({
    error: of('wasi:io/error#error'),
    pollable: of('wasi:io/poll#pollable'),
    'input-stream': null,
    'output-stream': null,
    '[method]input-stream.read': { params: { self: INPUT, len: 'u64' }, result: failing(BYTES) },
    '[method]input-stream.blocking-read': { params: { self: INPUT, len: 'u64' }, result: failing(BYTES) },
    '[method]input-stream.subscribe': { params: { self: INPUT }, result: { own: 3 } },
    '[method]output-stream.check-write': { params: { self: OUTPUT }, result: failing('u64') },
    '[method]output-stream.blocking-write-and-flush': {
      params: { self: OUTPUT, contents: BYTES },
      result: failing(null),
    },
  }),
  'wasi:cli/stdin': (of) => ({
    'input-stream': of('wasi:io/streams#input-stream'),
    'get-stdin': { params: {}, result: { own: 1 } },
  }),
  'wasi:cli/stdout': (of) => ({
    'output-stream': of('wasi:io/streams#output-stream'),
    'get-stdout': { params: {}, result: { own: 1 } },
  }),
};

/** They are numbered from 0 on for core code. */
export const consoleFunctions: readonly LoweredFunction[] = [
  { from: 'wasi:cli/stdin', name: 'get-stdin', params: [], results: ['i32'] },
  { from: 'wasi:cli/stdout', name: 'get-stdout', params: [], results: ['i32'] },
  { from: 'wasi:io/streams', name: '[method]input-stream.read', params: ['i32', 'i64', 'i32'], results: [] },
  { from: 'wasi:io/streams', name: '[method]input-stream.blocking-read', params: ['i32', 'i64', 'i32'], results: [] },
  { from: 'wasi:io/streams', name: '[method]input-stream.subscribe', params: ['i32'], results: ['i32'] },
  {
    from: 'wasi:io/streams',
    name: '[method]output-stream.blocking-write-and-flush',
    params: ['i32', 'i32', 'i32', 'i32'],
    results: [],
  },
  { from: 'wasi:io/poll', name: '[method]pollable.block', params: ['i32'], results: [] },
  { from: 'wasi:io/streams', name: '[method]output-stream.check-write', params: ['i32', 'i32'], results: [] },
];
