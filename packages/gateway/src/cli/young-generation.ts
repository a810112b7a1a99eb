import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 take room for many young objects, which it needs under load. `main.ts` has kept it from that for the start: most of what is made then stays, which
 * V8 takes for a sign that it needs more room, and keeps seven megabytes that nothing is in.
 */
export function letYoungGenerationGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=16');
}
