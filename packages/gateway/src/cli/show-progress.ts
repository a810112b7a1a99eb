import type { Progress } from '../doctor/examine.ts';
import type { Terminal } from './terminal.ts';

/** Names that are shown of what runs. */
const SHOWN = 3;

const CLEAR_LINE = '\r\u001B[2K';

/** One line on a terminal that says how far it is and whom it waits for; nothing where nobody looks. */
export function showProgress({ stderr, environment }: Terminal): { show(progress: Progress): void; end(): void } {
  if (stderr.isTTY !== true || environment.TERM === 'dumb') return { show: () => {}, end: () => {} };
  return {
    show({ running, done, total }) {
      const names = running.length > SHOWN ? [...running.slice(0, SHOWN), '...'] : running;
      stderr.write(
        `${CLEAR_LINE}looked at ${done} of ${total}${names.length > 0 ? `; waiting for ${names.join(', ')}` : ''}`,
      );
    },
    end: () => void stderr.write(CLEAR_LINE),
  };
}
