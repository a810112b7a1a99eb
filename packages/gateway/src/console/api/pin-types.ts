import type { ApprovedItem } from '../../consent/pin-report.ts';

export type { ApprovedItem, PinReport, WithheldItem } from '../../consent/pin-report.ts';

/** All of it is approved, or nothing. */
export interface PinApproval {
  readonly items: readonly ApprovedItem[];
}
