const DEFAULT_KEEP = 1;
const DEFAULT_DRAIN_MS = 30_000;
const DEFAULT_SETTLE_MS = 50;

/** How many failures of a version within how long, in ms, are too many. */
export interface RollbackLimit {
  readonly failures: number;
  readonly withinMs: number;
}

/** How versions of one module are found and changed. */
export interface VersionOptions {
  /** SHA-256 that the bytes must have, in hex; required for `https:`. Checked before anything is compiled. */
  readonly sha256?: string;
  /** Whether a change of the file is loaded by itself. Files only. @default false */
  readonly watch?: boolean;
  /** How long a changed file must hold still before it is loaded, in ms. @default 50 */
  readonly settleMs?: number;
  /** Earlier versions that `rollback` can go back to; their bytes are kept in memory. @default 1 */
  readonly keep?: number;
  /** How long calls may go on running on a version that was replaced or unloaded, in ms. @default 30_000 */
  readonly drainMs?: number;
  /** When a live version that fails so often is replaced by the one before, where one is kept. @default never */
  readonly rollbackAfter?: RollbackLimit;
}

/** Version options with every default in place. */
export interface ResolvedVersionOptions {
  readonly sha256: string | undefined;
  readonly watch: boolean;
  readonly settleMs: number;
  readonly keep: number;
  readonly drainMs: number;
  readonly rollbackAfter: RollbackLimit | undefined;
}

/** Parts what the loader knows, with every default in place, from what goes on. @throws TypeError for a bad number. */
export function splitOptions<O extends VersionOptions>(
  given: O,
): { readonly version: ResolvedVersionOptions; readonly rest: Omit<O, keyof VersionOptions> } {
  const { sha256, watch, settleMs, keep, drainMs, rollbackAfter, ...rest } = given;
  const version = {
    sha256,
    watch: watch ?? false,
    settleMs: resolveSettleMs(settleMs),
    keep: whole('keep', keep ?? DEFAULT_KEEP),
    drainMs: whole('drainMs', drainMs ?? DEFAULT_DRAIN_MS),
    rollbackAfter: rollbackAfter && resolveRollback(rollbackAfter),
  };
  return { version, rest };
}

/** @throws TypeError for a bad number. */
export function resolveSettleMs(given: number | undefined): number {
  return whole('settleMs', given ?? DEFAULT_SETTLE_MS);
}

function resolveRollback({ failures, withinMs }: RollbackLimit): RollbackLimit {
  return {
    failures: whole('rollbackAfter.failures', failures, 1),
    withinMs: whole('rollbackAfter.withinMs', withinMs),
  };
}

function whole(option: string, value: number, least = 0): number {
  if (!Number.isInteger(value) || value < least || value > 2 ** 31 - 1) {
    throw new TypeError(`Expected "${option}" to be a whole number from ${least} to 2147483647, got ${String(value)}.`);
  }
  return value;
}
