import type * as runtime from '../src/index.ts';

/**
 * The built package: its workers start in a quarter of the time that those from source take, where Node strips the types of every
 * file again. For tests that start hundreds of them.
 */
export const built = (await import(new URL('../dist/index.js', import.meta.url).href)) as typeof runtime;
