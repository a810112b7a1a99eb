import type { ImportedItems, WitFunction } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { openPlugin } from '../open-plugin.ts';
import { type FlatType, i32Const, store32 } from './core-module.ts';
import { type LoweredFunction, type ToolComponent, toolComponent } from './tool-component.ts';

const ANSWER = 64;
const BYTES = { list: 'u8' } as const;

const POLL: ImportedItems = {
  pollable: null,
  poll: { params: { in: { list: { borrow: 0 } } }, result: { list: 'u32' } },
  '[method]pollable.block': { params: { self: { borrow: 0 } } },
};
const imports: NonNullable<ToolComponent['imports']> = {
  'wasi:io/error': { error: null },
  'wasi:io/poll': POLL,
  'wasi:io/streams': (of) => ({
    error: of('wasi:io/error#error'),
    pollable: of('wasi:io/poll#pollable'),
    'input-stream': null,
    'output-stream': null,
    '[method]output-stream.write': {
      params: { self: { borrow: 5 }, contents: BYTES },
      result: { result: [null, { variant: { 'last-operation-failed': { own: 1 }, closed: null } }] },
    },
  }),
  'wasi:cli/stdout': (of) => ({
    'output-stream': of('wasi:io/streams#output-stream'),
    'get-stdout': { params: {}, result: { own: 1 } },
  }),
  'wasi:clocks/monotonic-clock': (of) => ({
    pollable: of('wasi:io/poll#pollable'),
    now: { params: {}, result: 'u64' },
    'subscribe-duration': { params: { when: 'u64' }, result: { own: 1 } },
  }),
  'wasi:random/random': { 'get-random-bytes': { params: { len: 'u64' }, result: BYTES } },
  'wasi:cli/exit': { exit: { params: { status: { result: [null, null] } } } },
};
const lowered: readonly LoweredFunction[] = [
  { from: 'wasi:clocks/monotonic-clock', name: 'subscribe-duration', params: ['i64'], results: ['i32'] },
  { from: 'wasi:io/poll', name: '[method]pollable.block', params: ['i32'], results: [] },
  { from: 'wasi:io/poll', name: 'poll', params: ['i32', 'i32', 'i32'], results: [] },
  { from: 'wasi:cli/stdout', name: 'get-stdout', params: [], results: ['i32'] },
  { from: 'wasi:io/streams', name: '[method]output-stream.write', params: ['i32', 'i32', 'i32', 'i32'], results: [] },
  { from: 'wasi:random/random', name: 'get-random-bytes', params: ['i64', 'i32'], results: [] },
  { from: 'wasi:cli/exit', name: 'exit', params: ['i32'], results: [] },
  { from: 'wasi:clocks/monotonic-clock', name: 'now', params: [], results: ['i64'] },
];
const drops = ['wasi:io/poll#pollable', 'wasi:io/streams#output-stream'];
const call = (name: string): number[] => [0x10, lowered.findIndex((one) => one.name === name)];
const drop = (what: 'pollable' | 'output-stream'): number[] => [0x10, lowered.length + (what === 'pollable' ? 0 : 1)];
const i64Const = (value: number): number[] => [0x42, value];
const DISCARD = 0x1a;

/** A guest that may call WASI; the tool takes and answers nothing. */
const calling = (code: readonly number[], more: Partial<ToolComponent> = {}): Uint8Array =>
  toolComponent({ tool: { params: {} }, imports, lowered, drops, code, ...more });
const pollable = [...i64Const(0), ...call('subscribe-duration')];
const stdout = call('get-stdout');

/** A guest that answers with a pointer and a length, or with whatever else it puts at {@link ANSWER}. */
const answering = (
  result: WitFunction['result'],
  words: readonly number[],
  more: Partial<ToolComponent> = {},
): Uint8Array =>
  toolComponent({
    tool: { params: {}, ...(result && { result }) },
    results: ['i32'],
    code: [...words.flatMap((word, index) => store32(ANSWER + index * 4, i32Const(word | 0))), ...i32Const(ANSWER)],
    ...more,
  });
const returning = (result: WitFunction['result'], type: FlatType, code: readonly number[]): Uint8Array =>
  toolComponent({ tool: { params: {}, ...(result && { result }) }, results: [type], code });

/** A guest whose `realloc` is this; it is given a string. */
const reallocating = (code: readonly number[], more: Partial<ToolComponent> = {}): Uint8Array => {
  const realloc = { name: 'realloc', params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'], code } as const;
  return toolComponent({
    tool: { params: { text: 'string' } },
    params: ['i32', 'i32'],
    code: [],
    functions: [realloc],
    ...more,
  });
};

type Trap = readonly [what: string, bytes: Uint8Array, reason: RegExp];
const TRAPS: readonly Trap[] = [
  [
    'answers with a string outside memory',
    answering('string', [0x7fffffff, 10]),
    /10 bytes at 2147483647 leave the memory/,
  ],
  ['answers with a string of 4 GiB', answering('string', [0, -1]), /4294967295 bytes at 0 leave the memory/],
  [
    'answers with a string that is not UTF-8',
    answering('string', [128, 2], { data: { offset: 128, bytes: [0xc3, 0x28] } }),
    /not UTF-8/,
  ],
  ...Array.from({ length: 11 }, (_, at): Trap => {
    const bytes = Array.from({ length: 11 }, (_, index) => (index === at ? 0x80 : 0x61));
    const answer = answering('string', [128, bytes.length], { data: { offset: 128, bytes } });
    return [`answers with a string of which byte ${at} is not UTF-8`, answer, /not UTF-8/];
  }),
  [
    'answers with half a pair of UTF-16',
    answering('string', [128, 1], { encoding: 'utf16', data: { offset: 128, bytes: [0, 0xd8] } }),
    /not UTF-16/,
  ],
  ['answers with UTF-16 that is not aligned', answering('string', [129, 1], { encoding: 'utf16' }), /not aligned to 2/],
  [
    'answers with UTF-16 of 2^31 units in the mixed encoding',
    answering('string', [128, -1], { encoding: 'latin1+utf16' }),
    /leave the memory/,
  ],
  ['answers with a list outside memory', answering({ list: 'u64' }, [131_064, 2]), /leave the memory of 131072 bytes/],
  ['answers with a list whose length lies', answering({ list: 'u32' }, [0, 0x40000001]), /leave the memory/],
  ['answers with a list that is not aligned', answering({ list: 'u32' }, [130, 1]), /not aligned to 4/],
  ['answers with a pointer outside memory', returning('string', 'i32', i32Const(131_068)), /8 bytes at 131068 leave/],
  ['answers with a negative pointer', returning('string', 'i32', i32Const(-4)), /8 bytes at 4294967292 leave/],
  ['answers with a pointer that is not aligned', returning('string', 'i32', i32Const(66)), /not aligned to 4/],
  [
    'answers with an i64 for a pointer',
    returning('string', 'i64', i64Const(8)),
    /something else than a number of 32 bits/,
  ],
  ['answers with an i32 for a u64', returning('u64', 'i32', i32Const(8)), /something else than an integer of 64 bits/],
  [
    'answers with a case that there is not',
    answering({ variant: { a: 'u32', b: null } }, [2, 0]),
    /2 is none of 2 cases/,
  ],
  [
    'answers with a name that there is not',
    returning({ enum: ['a', 'b'] }, 'i32', i32Const(7)),
    /7 is none of 2 cases/,
  ],
  [
    'answers with a result that is neither',
    answering({ result: ['u32', 'string'] }, [3, 0, 0]),
    /3 is none of 2 cases/,
  ],
  ['answers with half a character', returning('char', 'i32', i32Const(0xd800)), /55296 is no character/],
  ['answers with a character beyond all', returning('char', 'i32', i32Const(0x110000)), /1114112 is no character/],
  ['makes room outside memory', reallocating(i32Const(131_070)), /leave the memory/],
  ['makes room at a negative place', reallocating(i32Const(-1)), /leave the memory/],
  [
    'makes room that is not aligned',
    reallocating(i32Const(129), { tool: { params: { text: { list: 'u32' } } } }),
    /not aligned to 4/,
  ],
  ['traps when it is to make room', reallocating([0x00]), /unreachable/],
  ['makes room without end', reallocating([0x20, 0, 0x20, 1, 0x20, 2, 0x20, 3, 0x10, 0]), /call stack/i],
  [
    'calls out while it makes room',
    reallocating([...call('now'), DISCARD, ...i32Const(128)], {
      imports,
      lowered,
      drops,
    }),
    /called while values were moved/,
  ],
  [
    'calls out after its answer was read',
    calling([], {
      functions: [{ name: 'post', params: [], results: [], code: [...call('now'), DISCARD] }],
    }),
    /called while values were moved/,
  ],
  ['drops handle 0', calling([...i32Const(0), ...drop('pollable')]), /there is no handle 0/],
  ['drops a handle that it never had', calling([...i32Const(77), ...drop('pollable')]), /there is no handle 77/],
  ['drops a negative handle', calling([...i32Const(-1), ...drop('pollable')]), /there is no handle 4294967295/],
  [
    'drops a handle twice',
    calling([...pollable, ...drop('pollable'), ...i32Const(1), ...drop('pollable')]),
    /there is no handle 1/,
  ],
  ['drops a stream as something to wait for', calling([...stdout, ...drop('pollable')]), /handle 1 is no pollable/],
  ['waits for a stream', calling([...stdout, ...call('[method]pollable.block')]), /handle 1 is no pollable/],
  [
    'waits for what it has dropped',
    calling([...pollable, ...drop('pollable'), ...i32Const(1), ...call('[method]pollable.block')]),
    /there is no handle 1/,
  ],
  [
    'writes to what it waits for',
    calling([...pollable, ...i32Const(0), ...i32Const(0), ...i32Const(ANSWER), ...call('[method]output-stream.write')]),
    /handle 1 is no output-stream/,
  ],
  [
    'writes what lies outside its memory',
    calling([
      ...stdout,
      ...i32Const(131_000),
      ...i32Const(1_000),
      ...i32Const(ANSWER),
      ...call('[method]output-stream.write'),
    ]),
    /leave the memory/,
  ],
  [
    'wants an answer outside its memory',
    calling([...stdout, ...i32Const(0), ...i32Const(4), ...i32Const(131_070), ...call('[method]output-stream.write')]),
    /not aligned|leave the memory/,
  ],
  [
    'waits for nothing',
    calling([...i32Const(0), ...i32Const(0), ...i32Const(ANSWER), ...call('poll')]),
    /nothing is waited for/,
  ],
  [
    'waits for more than there is',
    calling([...i32Const(0), ...i32Const(0x20000000), ...i32Const(ANSWER), ...call('poll')]),
    /leave the memory/,
  ],
  ['opens handles without end', calling([0x03, 0x40, ...pollable, DISCARD, 0x0c, 0, 0x0b]), /more than 100000 handles/],
  [
    'asks for 2^60 random bytes',
    calling([...i64Const(1), 0x42, 0x3c, 0x86, ...i32Const(ANSWER), ...call('get-random-bytes')]),
    /1152921504606846976 random bytes are asked for, and 16777216 pass to the guest at once/,
  ],
  ['leaves with an error', calling([...i32Const(1), ...call('exit')]), /exit code 1/],
  [
    'catches what the host throws and goes on',
    calling([0x06, 0x40, ...i32Const(77), ...drop('pollable'), 0x19, 0x0b]),
    /there is no handle 77/,
  ],
];

describe('a hostile component', () => {
  test.each(TRAPS)('that %s traps in that call, and the next one has a new instance', async (_what, bytes, reason) => {
    await using opened = await openPlugin(bytes, { isolation: 'inline' });
    const [tool] = (await opened.plugin.tools()) ?? [];
    const args = tool?.required.length ? { text: _what.includes('aligned') ? [1] : 'a text' } : {};
    for (let times = 0; times < 2; times++) {
      await expect(opened.plugin.execute('run', args)).rejects.toMatchObject({
        code: 'RUNTIME_GUEST_TRAP',
        message: expect.stringMatching(reason),
      });
    }
  });

  test('that leaves with success instead of answering has failed, and is called again', async () => {
    await using opened = await openPlugin(calling([...i32Const(0), ...call('exit')]), { isolation: 'inline' });
    for (let times = 0; times < 2; times++) {
      await expect(opened.plugin.execute('run', {})).rejects.toMatchObject({ code: 'RUNTIME_BAD_MESSAGE' });
    }
  });

  test('that waits for what never comes is stopped at its deadline', async () => {
    const never = [0x42, 0x7f, ...call('subscribe-duration'), ...call('[method]pollable.block')];
    await using opened = await openPlugin(calling(never), { isolation: 'worker', callTimeoutMs: 1_000 });
    await expect(opened.plugin.execute('run', {})).rejects.toMatchObject({ code: 'RUNTIME_CALL_TIMEOUT' });
  });

  test('that loops when it is instantiated is stopped at its deadline, and not served', async () => {
    const start = { name: 'start', params: [], results: [], code: [0x03, 0x40, 0x0c, 0, 0x0b] } as const;
    const opening = openPlugin(calling([], { functions: [start], starts: true }), {
      isolation: 'worker',
      callTimeoutMs: 200,
    });
    await expect(opening).rejects.toMatchObject({ code: 'RUNTIME_CALL_TIMEOUT' });
  });
});
