import type { Resource } from './handles.ts';

/** What the host gives a component. */
export interface ComponentHost {
  /** A function of an interface, by its names in the component; undefined where there is none. */
  readonly functionOf: (
    interfaceName: string,
    name: string,
  ) => { readonly call: (...args: never[]) => unknown; readonly waits: boolean } | undefined;
  /** A type of handles of the host; the same for all versions of an interface. */
  readonly resourceOf: (interfaceName: string, name: string) => Resource;
  /** Told, before any code of the guest runs, how to find what it has handles of: what there is none of it keeps no more. */
  readonly attach?: (held: () => Iterable<unknown>) => void;
  /** Closes what the instance has left open; it is not called again. */
  readonly close?: () => void;
}
