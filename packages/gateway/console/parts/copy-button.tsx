import type { JSX } from 'preact';
import { tell } from '../notices.ts';

/** Puts a text on the clipboard and says so. Plain HTTP on another address than loopback has no clipboard: then it says that. */
export function CopyButton({ text, label }: { readonly text: () => string; readonly label: string }): JSX.Element {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      tell('Copied.');
    } catch {
      tell('The browser gives no clipboard to this page. Select the text and copy it by hand.', 'bad');
    }
  };
  return (
    <button type="button" class="button" onClick={() => void copy()}>
      {label}
    </button>
  );
}
