import type { Answer, Told } from './raw-peer.ts';

/** One request and what came for it. */
export interface Step {
  /** What is done, in words that are the same on every way: `tools/call echo`, or with a note of what is odd about it. */
  readonly label: string;
  readonly method: string;
  readonly answer: Answer;
}

/** How many items each list had. */
export type Counts = Readonly<Record<'tools' | 'resources' | 'resourceTemplates' | 'prompts', number>>;

/** All that was asked of one server on one way, and all that came. */
export interface Transcript {
  readonly steps: readonly Step[];
  readonly counts: Counts;
  /** What the server said before the first request after the handshake. */
  readonly toldAtStart: readonly Told[];
  /** What the server said and asked by itself later; order is not kept, since it comes on ways of its own. */
  readonly told: readonly Told[];
  readonly asked: readonly Told[];
}

/** The same with a placeholder for the folder that a server had on this way. */
export function withoutFolder(transcript: Transcript, folder: string): Transcript {
  return JSON.parse(JSON.stringify(transcript).replaceAll(folder, '{scratch}')) as Transcript;
}
