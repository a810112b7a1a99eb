import { compareTranscripts, type Difference } from './differences.ts';
import { justificationOf } from './justified.ts';
import type { Transcript } from './transcript.ts';

/** The direct ways of one server: each era that it speaks, twice. */
export interface DirectWays {
  readonly legacy: readonly [Transcript, Transcript];
  readonly modern?: readonly [Transcript, Transcript];
}

export interface Judgement {
  /** Client first: `2026 to 2025`. */
  readonly eras: string;
  /** Requests whose answers were compared, and how many of them were calls of tools. */
  readonly steps: number;
  readonly calls: number;
  /** How often each kind of justified difference was found. */
  readonly justified: Readonly<Record<string, number>>;
  readonly failures: readonly Difference[];
  readonly unsteady: readonly string[];
}

/**
 * Compares what a client heard through the gateway with what it hears directly: in its own era, or, where the server speaks
 * only the legacy one, in that.
 *
 * @param unsteady - Regular expressions for step and path of what the server says differently each time, though not always.
 */
export function judge(
  { legacy, modern }: DirectWays,
  era: 'legacy' | 'modern',
  heard: Transcript,
  unsteady: readonly string[] = [],
): Judgement {
  const [one, again] = era === 'modern' && modern ? modern : legacy;
  const eras = `${era === 'modern' ? '2026' : '2025'} to ${modern ? '2026' : '2025'}`;
  const { differences, ...counts } = compareTranscripts(one, again, heard);
  const justified: Record<string, number> = {};
  const failures = differences.filter((difference) => {
    if (unsteady.some((pattern) => new RegExp(pattern).test(`${difference.label} ${difference.path}`))) return false;
    const kind = justificationOf(difference, eras);
    if (kind) justified[kind.id] = (justified[kind.id] ?? 0) + 1;
    return kind === undefined;
  });
  return { eras, ...counts, justified, failures };
}
