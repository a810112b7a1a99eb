import type { JSX } from 'preact';
import { bytes } from '../figures.ts';
import { ScrollArea } from './scroll-area.tsx';

/** More than this many characters of one value slow every browser down. */
const SHOWN = 200_000;

/** A value as indented JSON; of a very long one, the beginning. */
export function JsonText({ label, value }: { readonly label: string; readonly value: unknown }): JSX.Element {
  const text = JSON.stringify(value, null, 2) ?? 'nothing';
  return (
    <>
      <ScrollArea label={label} class="lines">
        {text.slice(0, SHOWN)}
      </ScrollArea>
      {text.length > SHOWN && (
        <p class="muted small">
          This is the beginning; the whole has {bytes(text.length)}. “Copy JSON” gives all of it.
        </p>
      )}
    </>
  );
}
