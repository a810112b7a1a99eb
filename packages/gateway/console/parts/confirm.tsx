import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Question {
  readonly id: number;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly answer: (isConfirmed: boolean) => void;
}

const asked = signal<Question | undefined>(undefined);
let last = 0;

/** Asks before something that calls may notice. Resolves to whether it was confirmed; Escape is a no. */
export function confirm(title: string, text: string, action: string): Promise<boolean> {
  return new Promise((answer) => {
    asked.value?.answer(false);
    asked.value = { id: ++last, title, text, action, answer };
  });
}

/** Where {@link confirm} asks. */
export function ConfirmDialog(): JSX.Element | null {
  const question = asked.value;
  return question ? <Asked key={question.id} of={question} /> : null;
}

/** A dialog for each question: one that closes late cannot answer the next. The browser keeps the focus inside and gives it back afterwards. */
function Asked({ of }: { readonly of: Question }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => {
    of.answer(dialog.current?.returnValue === 'yes');
    if (asked.peek() === of) asked.value = undefined;
  };
  return (
    <dialog ref={dialog} aria-labelledby="confirm-title" aria-describedby="confirm-text" onClose={close}>
      <form method="dialog">
        <h2 id="confirm-title">{of.title}</h2>
        <p id="confirm-text">{of.text}</p>
        <div class="actions">
          <button type="submit" class="button" value="no">
            Cancel
          </button>
          <button type="submit" class="button primary" value="yes">
            {of.action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
