import type { ApprovedItem, PinnedItem } from '../../consent/pin-report.ts';

export type { ApprovedItem, PinnedItem, PinReport, WithheldItem } from '../../consent/pin-report.ts';

/** Of each server all of it is approved, or nothing. */
export interface PinApproval {
  readonly items: readonly ApprovedItem[];
}

/** Of each server all of it is forgotten, or nothing. */
export interface PinForgetting {
  readonly items: readonly PinnedItem[];
}
