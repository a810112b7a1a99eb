import type { JSX } from 'preact';
import { dismiss, notices } from '../notices.ts';

/** What was just done or failed. Always in the document, so that readers of the screen hear what is added. */
export function Notices(): JSX.Element {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, kind }) => (
        <div key={id} class={kind}>
          <span class="wrap">{text}</span>
          <button type="button" class="button quiet" onClick={() => dismiss(id)}>
            Close
          </button>
        </div>
      ))}
    </div>
  );
}
