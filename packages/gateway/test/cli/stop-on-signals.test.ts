import { expect, test, vi } from 'vitest';
import { stopOnSignals } from '../../src/cli/stop-on-signals.ts';
import { isInTerminal } from '../../src/cli/terminal.ts';
import { ClosingOrder } from '../../src/closing-order.ts';

test('a hang-up is a wish of its own where somebody listens to it, and stops where nobody does', async () => {
  await using stack = new ClosingOrder();
  const onStop = vi.fn();
  const onHangUp = vi.fn();
  const service = stopOnSignals(stack, { onStop, onHangUp });
  process.emit('SIGHUP', 'SIGHUP');
  process.emit('SIGHUP', 'SIGHUP');
  expect(onHangUp).toHaveBeenCalledTimes(2);
  expect(service.aborted).toBe(false);
  const byHand = stopOnSignals(stack, { onStop, onHangUp: undefined });
  process.emit('SIGHUP', 'SIGHUP');
  expect([byHand.aborted, service.aborted]).toEqual([true, false]);
  expect(onStop.mock.calls).toEqual([['SIGHUP']]);
});

test('a program is in a terminal where its stdin or stderr is one', () => {
  const [tty, pipe] = [{ isTTY: true }, {}];
  const all = [tty, pipe].flatMap((stdin) => [tty, pipe].map((stderr) => isInTerminal({ stdin, stderr } as never)));
  expect(all).toEqual([true, true, true, false]);
});
