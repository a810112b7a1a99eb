import { setFlagsFromString } from 'node:v8';

/**
 * V8 guesses which objects will live long and puts them where only major collections look. For requests it guesses wrong: each such object keeps alive all
 * that belonged to its request, and half of the time of a busy gateway goes into that. And it needs much room for young objects under load.
 */
const FLAGS = ['--no-allocation-site-pretenuring', '--semi-space-growth-factor=16'] as const;

/**
 * Sets V8's flags as the gateway needs them. Code of guests is kept for one set of flags, and is made by other processes: they learn of these as of options
 * of this one.
 */
export function setFlags(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
  process.execArgv.push(...FLAGS);
}

/**
 * Keeps the room for young objects small until {@link letYoungGenerationGrow}: most of what a start makes stays, which V8 takes for a sign that it needs more
 * room, and keeps seven megabytes that nothing is in. Meanwhile no code of guests may be looked for.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Options that this process has given itself; those that it starts do so as well. */
export const ownFlags: readonly string[] = FLAGS;

export function letYoungGenerationGrow(): void {
  setFlagsFromString(FLAGS[1]);
}
