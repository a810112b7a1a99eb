import { expect, test } from 'vitest';
import { Askers } from '../../src/cli/askers.ts';

const told = (key: string) => ({ waitsForRestart: [key] });

test('who asks while files are being read is told what comes of the next reading, not of this one', async () => {
  const askers = new Askers<ReturnType<typeof told>>();
  const early = askers.ask();
  expect(askers.begin()).toBe(true);
  const late = askers.ask();
  askers.tell(told('first'));
  expect(await early).toEqual(told('first'));
  expect(askers.begin()).toBe(true);
  askers.tell(told('second'));
  expect(await late).toEqual(told('second'));
  expect(askers.begin()).toBe(false);
});

test('nobody waits for a reading that never comes, neither who asked before the end nor who asks after it', async () => {
  const askers = new Askers<ReturnType<typeof told>>();
  const waiting = askers.ask();
  askers.end(told('closed'));
  expect(await waiting).toEqual(told('closed'));
  expect(await askers.ask()).toEqual(told('closed'));
});
