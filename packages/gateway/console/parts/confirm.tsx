import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Question {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly answer: (isConfirmed: boolean) => void;
}

const asked = signal<Question | undefined>(undefined);

/** Asks before something that calls may notice. Resolves to whether it was confirmed; Escape is a no. */
export function confirm(title: string, text: string, action: string): Promise<boolean> {
  return new Promise((answer) => {
    asked.value?.answer(false);
    asked.value = { title, text, action, answer };
  });
}

/** Where {@link confirm} asks. The browser keeps the focus inside and gives it back afterwards. */
export function ConfirmDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const question = asked.value;
  useEffect(() => {
    if (!question || !dialog.current) return;
    // Escape leaves what the last question was answered with.
    dialog.current.returnValue = 'no';
    dialog.current.showModal();
  }, [question]);
  const close = (): void => {
    question?.answer(dialog.current?.returnValue === 'yes');
    asked.value = undefined;
  };
  return (
    <dialog ref={dialog} aria-labelledby="confirm-title" aria-describedby="confirm-text" onClose={close}>
      {question && (
        <form method="dialog">
          <h2 id="confirm-title">{question.title}</h2>
          <p id="confirm-text">{question.text}</p>
          <div class="actions">
            <button type="submit" class="button" value="no">
              Cancel
            </button>
            <button type="submit" class="button primary" value="yes">
              {question.action}
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}
