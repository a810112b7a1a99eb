import { stripTypeScriptTypes } from 'node:module';

/**
 * A script without the types of TypeScript, each line where it was; undefined where it is no TypeScript either, or needs more than leaving its types
 * out, as an enum does.
 *
 * @throws what breaks the parser itself: nothing more can be expected of it in this thread.
 */
export function stripTypes(code: string): string | undefined {
  const [before, after] = ['(async()=>{', '\n})'];
  try {
    return stripTypeScriptTypes(before + code + after).slice(before.length, -after.length);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
