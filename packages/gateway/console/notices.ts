import { signal } from '@preact/signals';

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: 'done' | 'bad';
}

/** What the reader is told in passing. The newest three are shown, and read out by a live region. */
export const notices = signal<readonly Notice[]>([]);

const SHOWN = 3;
const SHOWN_MS = 8_000;
let last = 0;

/** Tells that something was done, which goes away by itself, or failed, which stays until it is closed. */
export function tell(text: string, kind: Notice['kind'] = 'done'): void {
  const id = ++last;
  notices.value = [...notices.value, { id, text, kind }].slice(-SHOWN);
  if (kind === 'done') setTimeout(() => dismiss(id), SHOWN_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
