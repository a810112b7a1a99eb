import type { UpstreamStatus } from './upstream.ts';

/** Whether clients are shown what it offers: one that needs a login keeps what it offered last, and who calls is told how to log in. */
export function isShown({ state }: Pick<UpstreamStatus, 'state'>): boolean {
  return state === 'running' || state === 'needs login';
}
