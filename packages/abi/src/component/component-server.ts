import type { DecodedComponent } from './component-plan.ts';

/** How a component that is a whole server is spoken to: over its standard input and output, or in requests of HTTP. */
export type ServerEntryPoint = 'stdio' | 'http';

/** By the first of these that a component exports: one that can do both keeps its state in one instance over stdio. */
const ENTRY_POINTS: readonly (readonly [entry: ServerEntryPoint, interfaceName: RegExp, name: string])[] = [
  ['stdio', /^wasi:cli\/run@0\.2\./, 'run'],
  ['http', /^wasi:http\/incoming-handler@0\.2\./, 'handle'],
];

/** The function by which a component serves, where it has one. */
export function serverEntryOf({
  exports,
}: Pick<DecodedComponent, 'exports'>):
  | { readonly entry: ServerEntryPoint; readonly interfaceName: string; readonly name: string }
  | undefined {
  for (const [entry, pattern, name] of ENTRY_POINTS) {
    const found = exports.find((one) => one.name === name && pattern.test(one.interfaceName ?? ''));
    if (found?.interfaceName !== undefined) return { entry, interfaceName: found.interfaceName, name };
  }
  return undefined;
}
