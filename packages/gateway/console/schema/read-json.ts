import { isTooDeep, MOST_LEVELS } from '../../src/console/nesting.ts';

/** What a person typed as JSON, or why it is none. */
export function readJson(text: string): { readonly value: unknown } | { readonly problem: string } {
  if (isTooDeep(text)) return { problem: `This is nested too deeply: more than ${MOST_LEVELS} levels.` };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
