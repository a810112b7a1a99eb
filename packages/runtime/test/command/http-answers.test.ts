import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { CommandMessage } from '../../src/command/command-setup.ts';
import { httpAnswers } from '../../src/command/http-answers.ts';
import { AddressPolicy } from '../../src/host/address-policy.ts';
import { refusedRequest } from '../../src/host/refused-request.ts';

test('what is asked above the limit is answered in the thread, until an answer has come', async () => {
  const { port1, port2 } = new MessageChannel();
  const posted: CommandMessage[] = [];
  const looked: number[] = [];
  const send = httpAnswers(
    port1,
    (message) => posted.push(message),
    2,
    () => undefined,
    (byteLength) => looked.push(byteLength),
  );
  const first = send('one');
  expect([typeof first, typeof send('two')]).toEqual(['object', 'object']);
  for (let more = 0; more < 1_000; more++)
    expect(send('more')).toBe(
      '{"status":0,"headers":{},"body":"more than 2 requests at a time; wait for an answer first","failure":"too-many-requests"}',
    );
  expect(posted).toEqual([
    { request: 0, http: 'one' },
    { request: 1, http: 'two' },
  ]);
  port2.postMessage({ request: 0, answer: Buffer.from('done') });
  expect(send('three')).toBeTypeOf('object');
  expect(looked).toEqual([]);
  expect(first).toMatchObject({ answer: 'done' });
  expect(looked).toEqual([4]);
  port1.close();
  await once(port2, 'close');
});

test('what is not granted is refused in the thread, and nobody else hears of it', () => {
  const { port1 } = new MessageChannel();
  const posted: CommandMessage[] = [];
  const policy = new AddressPolicy(['granted.test']);
  const send = httpAnswers(
    port1,
    (message) => posted.push(message),
    2,
    (request) => refusedRequest(policy, request),
    () => {},
  );
  for (let more = 0; more < 1_000; more++)
    expect(send('{"url":"http://other.test/"}')).toContain('\\"other.test\\" is not granted; add it to');
  expect(posted).toEqual([]);
  expect(send('{"url":"http://granted.test/"}')).toBeTypeOf('object');
  expect(posted).toHaveLength(1);
  port1.close();
});
