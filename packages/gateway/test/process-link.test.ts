import { expect, test } from 'vitest';
import { ProcessLink } from '../src/process-link.ts';

function pair(handlers: ConstructorParameters<typeof ProcessLink>[1]) {
  const sent: object[] = [];
  let [toHere, toThere, end] = [(_: unknown) => {}, (_: unknown) => {}, () => {}];
  const here = new ProcessLink(
    {
      send: (message) => {
        sent.push(message);
        setImmediate(() => toThere(message));
      },
      listen: (onMessage, onEnd) => {
        [toHere, end] = [onMessage, onEnd];
      },
    },
    {},
  );
  new ProcessLink(
    {
      send: (message) => void setImmediate(() => toHere(message)),
      listen: (onMessage) => {
        toThere = onMessage;
      },
    },
    handlers,
  );
  return { here, sent, end: () => end() };
}

test('what is asked in one turn goes as one message, and each question has its own answer', async () => {
  const { here, sent } = pair({ double: (value: number) => value * 2 });
  expect(await Promise.all([1, 2, 3].map((value) => here.ask('double', value)))).toEqual([2, 4, 6]);
  expect(sent).toHaveLength(1);
});

test('a question that fails, is unknown, has no answer in time or loses the other process is rejected with why', async () => {
  const bad = () => {
    throw new Error('no room');
  };
  const { here, end } = pair({ bad, never: () => new Promise(() => {}) });
  await expect(here.ask('bad', null)).rejects.toMatchObject({ code: 'GATEWAY_PROCESS', reason: 'no room' });
  await expect(here.ask('other', null)).rejects.toMatchObject({ reason: expect.stringContaining('"other"') });
  await expect(here.ask('never', null, 1)).rejects.toMatchObject({ reason: 'no answer within 1 ms' });
  const asked = here.ask('never', null);
  end();
  await expect(asked).rejects.toMatchObject({ reason: 'it has ended' });
  await expect(here.ask('never', null)).rejects.toMatchObject({ reason: 'it has ended' });
});
