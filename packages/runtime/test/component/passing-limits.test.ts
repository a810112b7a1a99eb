import type { WitType } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { openPlugin } from '../open-plugin.ts';
import { i32Const, store32 } from './core-module.ts';
import { toolComponent } from './tool-component.ts';

const ANSWER = 64;
const PAGE_BYTES = 65_536;
const LIMIT_BYTES = 1_048_576;
/** More than a breaker takes for a crash loop. */
const OFTEN = 12;

/** A component whose tool `run` answers so many elements or bytes, all of them zero. */
const answering = (result: WitType, count: number, byteLength = count): Uint8Array =>
  toolComponent({
    tool: { params: {}, result },
    results: ['i32'],
    pages: Math.ceil(byteLength / PAGE_BYTES) + 4,
    code: [...store32(ANSWER, i32Const(PAGE_BYTES)), ...store32(ANSWER + 4, i32Const(count)), ...i32Const(ANSWER)],
  });

const HELD = 2_048;
/** A thousand lists, each of which has all of them. */
const heldByEachOther = Array.from({ length: 1_000 }, () => [HELD & 0xff, HELD >> 8, 0, 0, 0xe8, 3, 0, 0]).flat();
const levels = (count: number): WitType =>
  Array.from({ length: count }).reduce<WitType>((inner) => ({ list: inner }), 'u8');

const ANSWERS: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ['a text', answering('string', LIMIT_BYTES + 1)],
  ['bytes', answering({ list: 'u8' }, LIMIT_BYTES + 1)],
  ['numbers', answering({ list: 'u32' }, LIMIT_BYTES / 4 + 1, LIMIT_BYTES + 4)],
  [
    'lists that hold each other',
    toolComponent({
      tool: { params: {}, result: levels(5) },
      results: ['i32'],
      code: [...store32(ANSWER, i32Const(HELD)), ...store32(ANSWER + 4, i32Const(1_000)), ...i32Const(ANSWER)],
      data: { offset: HELD, bytes: heldByEachOther },
    }),
  ],
];

describe.each(['inline', 'worker'] as const)('what a component passes, %s', (isolation) => {
  test.each(ANSWERS)(
    'is refused with the limit where it is too much, and counts as no crash: %s',
    async (_what, bytes) => {
      await using opened = await openPlugin(bytes, { isolation, maxMessageBytes: LIMIT_BYTES });
      for (let times = 0; times < OFTEN; times++) {
        await expect(opened.plugin.execute('run', {})).rejects.toMatchObject({
          code: 'RUNTIME_BAD_MESSAGE',
          message: expect.stringMatching(/limit of 1048576; .*"limits\.maxMessageBytes"/),
        });
      }
      expect(await opened.plugin.stats()).toMatchObject({ traps: 0, crashLooping: false });
    },
  );
});

/** A component whose tool takes a list. */
const taking = (element: WitType): Uint8Array =>
  toolComponent({ tool: { params: { items: { list: element } } }, params: ['i32', 'i32'], code: [], pages: 400 });

const MIB = 1_048_576;
const MANY: readonly (readonly [what: string, element: WitType])[] = [
  ['tuples of a byte', { tuple: ['u8'] }],
  ['booleans', 'bool'],
  ['results of nothing', { result: [null, null] }],
  ['bytes', 'u8'],
];

// Only in a thread: its memory is limited, and found used up there.
describe('values that take many times as much of the host as of the guest', () => {
  test.each(MANY)(
    'are refused with the reason before the memory of the thread is used up: %s',
    async (_what, element) => {
      await using opened = await openPlugin(answering({ list: element }, 16 * MIB), { isolation: 'worker' });
      await expect(opened.plugin.execute('run', {})).rejects.toMatchObject({
        code: 'RUNTIME_BAD_MESSAGE',
        message: expect.stringMatching(
          /the message of the guest .* than the limit of [0-9]+; .*"limits\.maxMessageBytes"/,
        ),
      });
      expect(await opened.plugin.stats()).toMatchObject({ traps: 0, recycled: 0 });
    },
  );

  test.each([
    ['objects for tuples', { tuple: ['u8'] } as const, {}, 3],
    ['tuples', { tuple: ['u8'] } as const, [1], 4],
    ['texts', 'string' as const, '', 3],
  ])('are refused as arguments: %s', async (_what, element, item, length) => {
    await using opened = await openPlugin(taking(element), { isolation: 'worker' });
    const items = new Array(Math.floor((16 * MIB - 100) / length)).fill(item);
    await expect(opened.plugin.execute('run', { items })).rejects.toMatchObject({
      code: 'ABI_MESSAGE_TOO_LARGE',
      message: expect.stringMatching(/the values of the message to the guest .*"limits\.maxMessageBytes"/),
    });
    expect(await opened.plugin.stats()).toMatchObject({ traps: 0, recycled: 0 });
    await expect(opened.plugin.execute('run', { items: [] })).resolves.toMatchObject({ isError: false });
  });
});
