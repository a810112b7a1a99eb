import type { Dialect, Operation } from '@lockgate/abi';

export type AnyOperation = Operation<never, unknown>;

/** All that guests of a dialect can be asked, in one order for every thread. */
export function operationsOf({ codec }: Dialect): readonly AnyOperation[] {
  const { methods = {}, ...own } = codec as Dialect['codec'] & { readonly methods?: Record<string, AnyOperation> };
  return [...(Object.values(own) as AnyOperation[]), ...Object.values(methods)];
}
