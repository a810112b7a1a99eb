/** A function of an interface of WASI, as the host has it; what it takes and gives is written in abi's contract. */
export type HostFunction = (...args: never[]) => unknown;

/** The functions of one interface, by their names in a component. */
export type HostInterface = Readonly<Record<string, HostFunction>>;

/** A result of WIT. */
export type WitResult<T = unknown, E = unknown> =
  | { readonly tag: 'ok'; readonly val?: T }
  | { readonly tag: 'err'; readonly val?: E };

export const OK: WitResult<never, never> = Object.freeze({ tag: 'ok' });

export function ok<T>(val: T): WitResult<T, never> {
  return { tag: 'ok', val };
}

export function err<E>(val: E): WitResult<never, E> {
  return { tag: 'err', val };
}
