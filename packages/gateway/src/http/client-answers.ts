import type { Frame } from '../protocol/frame/frame.ts';
import { FrameError } from '../protocol/frame/frame-error.ts';
import { StateError } from '../state/state-error.ts';

/** Pauses before an answer is tried again, in milliseconds: by then a connection that was cut is there again, or will not be soon. */
const AGAIN_MS = [100, 300, 1_000, 2_000] as const;

/** Whether a client sends nothing but answers to what it was asked. */
export function areAnswers(frames: Frame | readonly (Frame | FrameError)[]): boolean {
  const all = (Array.isArray(frames) ? frames : [frames]) as readonly (Frame | FrameError)[];
  return all.every((frame) => !(frame instanceof FrameError) && (frame.kind === 'result' || frame.kind === 'error'));
}

/**
 * Tries for some seconds what an answer of a client needs: clients do not repeat one that is refused, and what has asked would wait for it in vain. Of an
 * answer that is taken twice the second is nobody's.
 *
 * @param isAgain - Whether it is tried again with this outcome.
 * @throws GATEWAY_STATE where the state store is still away in the end.
 */
export async function tryForAnswer<T>(attempt: () => T | Promise<T>, isAgain?: (outcome: T) => boolean): Promise<T> {
  for (const pause of AGAIN_MS) {
    try {
      const outcome = await attempt();
      if (isAgain?.(outcome) !== true) return outcome;
    } catch (error) {
      if (!(error instanceof StateError && error.problem.kind === 'unreachable')) throw error;
    }
    await new Promise<void>((resolve) => setTimeout(resolve, pause));
  }
  return attempt();
}
