import { effect, signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'lockgate-console-theme';

/** Which colours the reader wants; `system` follows the machine. Remembered by this browser. */
export const theme = signal<Theme>(remembered());

/** Rises when the colours change, for what is drawn and not styled. */
export const coloursChanged = signal(0);

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // Private windows may have no storage: the choice holds for this page.
  }
  coloursChanged.value = coloursChanged.peek() + 1;
});

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  coloursChanged.value++;
});

function remembered(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((known) => known === kept) ?? 'system';
  } catch {
    return 'system';
  }
}
