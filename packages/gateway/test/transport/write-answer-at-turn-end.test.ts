import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { jsonAnswer } from '../../src/transport/http-answer.ts';
import { writeAnswerAtTurnEnd } from '../../src/transport/write-answer-at-turn-end.ts';

test('answers of one turn are written behind what the turn still reads, and one that cannot be written keeps none back', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ask = async (): Promise<{ answer: Promise<string>; response: ServerResponse }> => {
    const asked = once(server, 'request');
    const answer = fetch(url).then((given) => given.text());
    return { answer, response: (await asked)[1] };
  };
  const first = await ask();
  const gone = await ask();
  const bad = await ask();
  const last = await ask();
  const lost = Promise.all([gone, bad].map(({ answer }) => expect(answer).rejects.toThrow()));
  const sent = (): boolean[] => [first, gone, bad, last].map(({ response }) => response.headersSent);
  for (const [name, { response }] of Object.entries({ first, gone, bad, last })) {
    writeAnswerAtTurnEnd(
      response,
      jsonAnswer(200, [Buffer.from(`{"name":"${name}"}`)]),
      name === 'bad' ? { name: '\n' } : {},
    );
  }
  gone.response.destroy();
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(sent()).toEqual([false, false, false, false]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent()).toEqual([true, false, false, true]);
  expect([await first.answer, await last.answer]).toEqual(['{"name":"first"}', '{"name":"last"}']);
  await lost;
  server.close();
});
