import { expect, test, vi } from 'vitest';
import { type Embed, Meanings } from '../../../src/catalog/search/meanings.ts';
import type { SearchedTool } from '../../../src/catalog/search/tool-text.ts';
import { silentLogger } from '../../../src/logger.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';

const tool = (name: string): SearchedTool => ({ name, server: 's', item: ObjectText.from({ name }) });
const [felines, canines, birds] = ['felines', 'canines', 'birds'].map(tool) as [
  SearchedTool,
  SearchedTool,
  SearchedTool,
];
const all = [felines, canines, birds];

/** Texts about cats and about everything else. */
const byCats: Embed = async (texts) => texts.map((text) => (/cat|feline/.test(text) ? [1, 0] : [0, 1]));

/** Merges until the vectors of these tools are there. */
async function learned(
  meanings: Meanings,
  embed: ReturnType<typeof vi.fn<Embed>>,
  tools: readonly SearchedTool[] = all,
): Promise<void> {
  await meanings.merge('x', [], tools);
  await Promise.all(embed.mock.results.map(({ value }) => value));
  await meanings.merge('x', [], tools);
}

test('what is meant is found although no word of it is there, once its texts are embedded', async () => {
  const embed = vi.fn(byCats);
  const meanings = new Meanings(embed, silentLogger);
  expect(await meanings.merge('cats', [birds], all)).toEqual([birds]);
  await learned(meanings, embed);
  const found = await meanings.merge('cats', [birds], all);
  expect(found.slice(0, 2)).toEqual(expect.arrayContaining([felines, birds]));
});

test('only texts that are new are embedded', async () => {
  const embed = vi.fn(byCats);
  const meanings = new Meanings(embed, silentLogger);
  await learned(meanings, embed, [felines, canines]);
  embed.mockClear();
  await meanings.merge('cats', [], all);
  expect(embed.mock.calls.map(([texts]) => texts)).toEqual([['s birds  '], ['cats']]);
});

test('only the tools that it is given are found', async () => {
  const embed = vi.fn(byCats);
  const meanings = new Meanings(embed, silentLogger);
  await learned(meanings, embed);
  expect(await meanings.merge('cats', [], [canines])).toEqual([canines]);
});

test.each<[string, Embed]>([
  ['fails', async () => Promise.reject(new Error('no model'))],
  ['gives too few vectors', async () => [[1]]],
])('words alone decide where the model %s, which is said once', async (_what, embed) => {
  const warn = vi.fn();
  const failing = vi.fn(embed);
  const meanings = new Meanings(failing, { ...silentLogger, warn });
  const askedUntilNow = async () => {
    expect(await meanings.merge('cats', [birds], all)).toEqual([birds]);
    return failing.mock.calls.length;
  };
  // Each once the attempt before has failed.
  for (const attempt of [1, 2, 3]) await expect.poll(askedUntilNow).toBe(attempt);
  expect(warn).toHaveBeenCalledTimes(1);
});
