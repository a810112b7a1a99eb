/** How often each of a few words was counted since the start of the process: like its memory, this is not one gateway's. */
export interface WordCounts<Word extends string> {
  /** Every word, those that were never counted too. */
  readonly all: ReadonlyMap<Word, number>;
  /** Counts the word once more. */
  readonly count: (word: Word) => void;
}

/** Begins each word at zero, so that a metric has it from the start. */
export function countsOf<Word extends string>(words: readonly Word[]): WordCounts<Word> {
  const all = new Map(words.map((word) => [word, 0]));
  return { all, count: (word) => void all.set(word, (all.get(word) ?? 0) + 1) };
}
