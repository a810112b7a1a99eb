import { expect, test, vi } from 'vitest';
import { mixedCalls } from './mixed-calls.ts';

vi.mock('../src/instance/call-lock.ts', () => ({
  /** A copy of the class without its lock: whoever comes gets the seat, whoever has it already. */
  CallLock: class {
    readonly waiting = 0;
    #seat: unknown;

    tryEnter(): unknown {
      return this.#seat;
    }

    leave(seat: unknown): void {
      this.#seat = seat;
    }

    rejectWaiting(): void {}
  },
}));

test('the same calls without the lock give wrong answers, or trap', async () => {
  await using opened = await mixedCalls({ isolation: 'inline', drainMs: 0 });
  await expect(opened.run(20_000)).rejects.toThrow(AggregateError);
});
