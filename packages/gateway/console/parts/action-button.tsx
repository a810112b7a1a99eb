import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

export interface ActionButtonProps {
  readonly label: string;
  readonly kind?: 'primary' | 'danger' | undefined;
  /** Why it cannot be used now. It stays focusable, so that the reason is read. */
  readonly why?: string | undefined;
  readonly isBusy?: boolean;
  readonly isSubmit?: boolean;
  readonly onPress?: () => void;
}

/** A button that says why where it cannot be used. */
export function ActionButton(props: ActionButtonProps): JSX.Element {
  const { label, kind, why, isBusy = false, isSubmit = false, onPress } = props;
  const id = useId();
  const isOff = why !== undefined || isBusy;
  return (
    <>
      <button
        type={isSubmit ? 'submit' : 'button'}
        class={kind === undefined ? 'button' : `button ${kind}`}
        aria-disabled={isOff}
        aria-describedby={why === undefined ? undefined : id}
        title={why}
        onClick={(event) => {
          if (isOff) event.preventDefault();
          else onPress?.();
        }}
      >
        {label}
      </button>
      {why !== undefined && (
        <span id={id} class="visually-hidden">
          {why}
        </span>
      )}
    </>
  );
}
