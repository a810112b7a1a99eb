import { expect, test } from 'vitest';
import { EventHub } from '../src/event-hub.ts';

interface Events {
  readonly ping: number;
}

test('listeners are told in the same step, in the order they came', () => {
  const hub = new EventHub<Events>(undefined);
  const told: string[] = [];
  hub.on('ping', (value) => told.push(`first ${value}`));
  hub.on('ping', (value) => told.push(`second ${value}`));
  hub.emit('ping', 1);

  expect(told).toEqual(['first 1', 'second 1']);
});

test('taking a listener off takes that one off, even when it was put on twice', () => {
  const hub = new EventHub<Events>(undefined);
  const told: number[] = [];
  const listener = (value: number): void => {
    told.push(value);
  };
  const off = hub.on('ping', listener);
  hub.on('ping', listener);
  off();
  off();
  hub.emit('ping', 1);

  expect(told).toEqual([1]);
});

test('a listener that throws or rejects is logged and harms nobody', async () => {
  const logged: unknown[] = [];
  const secondLogged = Promise.withResolvers<void>();
  const silent = (): void => undefined;
  const error = (fields: object): void => {
    logged.push((fields as { err: Error }).err.message);
    if (logged.length === 2) secondLogged.resolve();
  };
  const hub = new EventHub<Events>({ debug: silent, info: silent, warn: silent, error });
  const told: number[] = [];
  hub.on('ping', () => {
    throw new Error('thrown');
  });
  hub.on('ping', () => Promise.reject(new Error('rejected')));
  hub.on('ping', (value) => told.push(value));
  hub.emit('ping', 1);
  await secondLogged.promise;

  expect(told).toEqual([1]);
  expect(logged).toEqual(['thrown', 'rejected']);
});

test('a listener that takes itself off does not make the next one miss the event', () => {
  const hub = new EventHub<Events>(undefined);
  const told: string[] = [];
  const off: () => void = hub.on('ping', () => off());
  hub.on('ping', () => told.push('second'));
  hub.emit('ping', 1);

  expect(told).toEqual(['second']);
});
