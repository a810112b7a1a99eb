import type { ConnectionSetup } from '../../dialect.ts';

type Start = (...args: number[]) => unknown;

/** What starts Haskell's runtime; its arguments are those of a program without any. */
const HASKELL = 'hs_init';

/**
 * The names of the exports that are called at the start. A `_start` beside them is left alone: TinyGo before 0.34 has both, with the PDK's
 * own `wasi-reactor`. Source: EXTISM.md §1.4
 */
export function startNames(isFunction: (name: string) => boolean): readonly string[] {
  if (isFunction(HASKELL)) return ['_initialize', HASKELL].filter(isFunction);
  const [first] = ['__wasm_call_ctors', '_initialize'].filter(isFunction);
  return first === undefined ? [] : [first];
}

/** Calls them one after the other. One that takes what it should not is not called. */
export function bindStart(
  exports: WebAssembly.Exports,
  promising: ConnectionSetup['promising'],
): { readonly start?: () => void | Promise<void> } {
  const names = startNames((name) => typeof exports[name] === 'function');
  const steps = names.flatMap((name) => {
    const args = name === HASKELL ? [0, 0] : [];
    const exported = exports[name] as Start & { readonly length: number };
    return exported.length === args.length ? [{ exported, args }] : [];
  });
  if (steps.length === 0) return {};
  if (promising === undefined) return { start: () => steps.forEach(({ exported, args }) => void exported(...args)) };
  return {
    start: async () => {
      for (const { exported, args } of steps) await promising(exported)(...args);
    },
  };
}
