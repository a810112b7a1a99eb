import { ACTION_GROUPS, THING_GROUPS } from './synonym-groups.ts';
import { wordsOf } from './words.ts';

/** Begins the terms that stand for a meaning; no word does. */
const MARK = '~';

/** A meaning of some words of a text. */
export interface Concept {
  /** The term that stands for it. */
  readonly term: string;
  /** Places of its first word, and behind its last. */
  readonly from: number;
  readonly to: number;
}

/** What comes after the words up to here. */
interface Step {
  readonly next: Map<string, Step>;
  /** Terms of the meanings of the words up to here. */
  readonly meanings: string[];
}

const newStep = (): Step => ({ next: new Map(), meanings: [] });

const phrases = newStep();
for (const [index, group] of [...THING_GROUPS, ...ACTION_GROUPS].entries()) addGroup(group, MARK + index);

const actions: ReadonlySet<string> = new Set(
  ACTION_GROUPS.flatMap((group) => group.split(',').map(wordsOf)).flatMap((words) => (words.length === 1 ? words : [])),
);

/** Whether a term stands for a meaning and not for a word. */
export function isConcept(term: string): boolean {
  return term.startsWith(MARK);
}

/** Whether a word says what is done, and not to what. */
export function isAction(word: string): boolean {
  return actions.has(word);
}

/** All meanings that these words have, alone or as phrases. */
export function conceptsOf(words: readonly string[]): readonly Concept[] {
  return words.flatMap((_, from) => [...conceptsFrom(words, from)]);
}

function* conceptsFrom(words: readonly string[], from: number): Generator<Concept> {
  let step: Step | undefined = phrases;
  for (let at = from; at < words.length; at++) {
    step = step.next.get(words[at] as string);
    if (step === undefined) return;
    for (const term of step.meanings) yield { term, from, to: at + 1 };
  }
}

function addGroup(group: string, meaning: string): void {
  for (const phrase of group.split(',')) {
    const words = wordsOf(phrase);
    add(words, meaning);
    // People write "pullrequest" too.
    if (words.length > 1) add(wordsOf(phrase.replaceAll(/\s+/g, '')), meaning);
  }
}

function add(words: readonly string[], meaning: string): void {
  let step = phrases;
  for (const word of words) {
    const next = step.next.get(word) ?? newStep();
    step.next.set(word, next);
    step = next;
  }
  if (!step.meanings.includes(meaning)) step.meanings.push(meaning);
}
