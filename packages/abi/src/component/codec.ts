import type { Crossing } from './crossing.ts';

/** The types of core functions' parameters and results. */
export type FlatType = 'i32' | 'i64' | 'f32' | 'f64';

/** Parameters or results of a core function, taken from the front. */
export interface FlatValues {
  readonly values: readonly unknown[];
  next: number;
}

/**
 * How values of one type cross, in memory or as core values. To the host it is lifting, from it lowering; what is lowered has been
 * checked or comes from other guests, what is lifted is not trusted. Source: component model, CanonicalABI.md.
 */
export interface Codec {
  /** In memory, in bytes. */
  readonly size: number;
  readonly align: number;
  /** What a value takes of the host's memory beside its place in a list and its bytes, until it has become JSON; about. */
  readonly heldBytes: number;
  /** As core values; `undefined` where there are more than {@link MOST_FLAT}, which are never passed so. */
  readonly flat: readonly FlatType[] | undefined;
  /** From a place that is known to lie in memory. */
  load(crossing: Crossing, pointer: number): unknown;
  store(crossing: Crossing, value: unknown, pointer: number): void;
  lift(crossing: Crossing, from: FlatValues): unknown;
  lower(crossing: Crossing, value: unknown, to: unknown[]): void;
}

/** More core values than that pass in memory. Source: CanonicalABI.md, `MAX_FLAT_PARAMS` */
export const MOST_FLAT = 16;

/** The next place of an alignment, which is a power of two. */
export function aligned(pointer: number, align: number): number {
  return Math.ceil(pointer / align) * align;
}
