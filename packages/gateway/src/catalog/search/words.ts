import { stemmer } from 'stemmer';

/** Longest word that is looked at; what is longer is data, such as Base64. */
const MAX_WORD_LENGTH = 40;

/** Words of which the stem is kept. */
const MAX_STEMS = 20_000;
const stems = new Map<string, string>();

/** Joined parts of one identifier, as they stand in a text. */
const RUN = /[\p{L}\p{N}]+/gu;

/** Where an identifier changes from one word to the next: `fooBar`, `HTTPServer`, `base64Text`. */
const SEAMS = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=\p{L}{2})(?=\p{N})|(?<=\p{N})(?=\p{L}{2})/u;

/** Words that say nothing of what is wanted. */
const EMPTY_WORDS: ReadonlySet<string> = new Set(
  (
    'a about all an and another any anything are as at be between by can could do does each every for from have how i if in into is it its me my need of on or our please ' +
    'several should so some something that the ' +
    'their them then there these this to us want we what when which with would you your'
  )
    .split(' ')
    .map((word) => stemmer(word)),
);

const IS_ASCII = /^\p{ASCII}*$/u;

/** The stemmer knows endings of English. */
const HAS_STEM = /^[a-z]{3,}$/;

/** Marks that have been taken off their letters. */
const MARKS = /\p{M}/gu;

/**
 * The words of a text as they are looked up: split at separators, changes of case and digits, in lower case, without accents and
 * endings. An identifier of several words comes whole as well, since people write `base64` and `s3`.
 */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const [run] of text.matchAll(RUN)) {
    const parts = run.split(SEAMS).filter((part) => part !== '');
    for (const part of parts) addWord(words, part);
    if (parts.length > 1) addWord(words, run);
  }
  return words;
}

/** Whether a word, as {@link wordsOf} gives it, says something of what is wanted. */
export function isTelling(word: string): boolean {
  return !EMPTY_WORDS.has(word);
}

function addWord(words: string[], raw: string): void {
  if (raw.length <= MAX_WORD_LENGTH) words.push(stemOf(raw));
}

/** Tools are described in few words, again and again. */
function stemOf(raw: string): string {
  const known = stems.get(raw);
  if (known !== undefined) return known;
  const word = IS_ASCII.test(raw) ? raw.toLowerCase() : raw.normalize('NFKD').replace(MARKS, '').toLowerCase();
  const stem = HAS_STEM.test(word) ? stemmer(word) : word;
  if (stems.size < MAX_STEMS) stems.set(raw, stem);
  return stem;
}
