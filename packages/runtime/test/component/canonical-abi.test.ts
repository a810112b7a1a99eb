import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openPlugin } from '../open-plugin.ts';
import { flatOf, flatTypes, imageOf, layoutOf } from './canonical-model.ts';
import { flatComponent, memoryComponent, PAD_VALUES } from './echo-components.ts';
import { valuesOf, witTypes } from './random-types.ts';

const MOST_FLAT = 16;

/** What a tool answers as a value. */
async function answerOf(bytes: Uint8Array, tool: string, args: Record<string, unknown>): Promise<unknown> {
  await using opened = await openPlugin(bytes, { isolation: 'inline' });
  const { structured, data, isError } = await opened.plugin.execute(tool, args);
  expect({ isError, data }).toMatchObject({ isError: false });
  return structured?.result;
}

describe('values that cross', () => {
  test('into memory lie there as the specification has it, and are read from there', async () => {
    const cases = witTypes(false).chain((type) => fc.tuple(fc.constant(type), valuesOf(type)));
    await fc.assert(
      fc.asyncProperty(cases, async ([type, x]) => {
        const { size } = layoutOf(type);
        const component = memoryComponent(type, size);
        const expected = [...imageOf(type, x)];
        expect(await answerOf(component, 'image', { x, ...PAD_VALUES })).toEqual(expected);
        const padded = { size: layoutOf({ tuple: [type, 'u8', 'u64'] }).size };
        const bytes = Array.from({ length: padded.size }, (_, index) => expected[index] ?? 0);
        expect(await answerOf(component, 'value', { bytes })).toEqual([x, 0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  test('as core values are those of the specification, through a component inside another one', async () => {
    const fitting = witTypes(false).filter((type) => flatTypes(type).length <= MOST_FLAT);
    const cases = fitting.chain((type) => fc.tuple(fc.constant(type), valuesOf(type)));
    await fc.assert(
      fc.asyncProperty(cases, async ([type, x]) => {
        const { types, bits } = flatOf(type, x);
        const dumped = (await answerOf(flatComponent(type, types), 'dump', { x })) as number[];
        const view = new DataView(Uint8Array.from(dumped).buffer);
        expect(bits.map((_, index) => view.getBigUint64(index * 8, true))).toEqual(bits);
      }),
      { numRuns: 60 },
    );
  });

  test('and have strings and lists in them come back as they went, in each encoding of strings', async () => {
    const encodings = fc.constantFrom('utf8' as const, 'utf16' as const, 'latin1+utf16' as const);
    const cases = witTypes(true).chain((type) => fc.tuple(encodings, fc.constant(type), valuesOf(type)));
    await fc.assert(
      fc.asyncProperty(cases, async ([encoding, type, x]) => {
        const component = memoryComponent(type, 0, encoding);
        const [value] = (await answerOf(component, 'echo', { x, ...PAD_VALUES })) as unknown[];
        expect(value).toEqual(x);
      }),
      { numRuns: 60 },
    );
  });

  test('and texts of every short length come through, wherever something else than ASCII stands in them', async () => {
    const component = memoryComponent({ list: 'string' }, 0);
    for (let length = 0; length < 50; length++) {
      const text = 'abcdefghij'.repeat(5).slice(0, length);
      const put = (other: string) => Array.from(text, (_, at) => `${text.slice(0, at)}${other}${text.slice(at + 1)}`);
      const texts = [text, `${text}\u{7f}`, ...put('\u{80}'), ...put('\u{1f980}')];
      const [value] = (await answerOf(component, 'echo', { x: texts, ...PAD_VALUES })) as unknown[];
      expect(value).toEqual(texts);
    }
  });
});
