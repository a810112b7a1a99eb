import { expect, test } from 'vitest';
import { httpFunction } from '../../../src/dialects/extism/http.ts';
import { Kernel } from '../../../src/dialects/extism/kernel.ts';

test.each(['GET', 'HEAD', 'POST'])('a body is sent with %s, as Extism sends it', (method) => {
  const log = { isFull: true, write: () => {}, drop: () => {} };
  const kernel = new Kernel(1_048_576, { log, maxMessageBytes: 65_536, onDeadHandle: () => {} });
  const place = (text: string): bigint => BigInt(kernel.arena.place(new TextEncoder().encode(text)));
  const sent: { readonly method: string; readonly body_base64?: string }[] = [];
  const { ask } = httpFunction(kernel, (request) => {
    sent.push(JSON.parse(request));
    return '';
  }) as unknown as { readonly ask: (request: bigint, body: bigint) => unknown };
  ask(place(JSON.stringify({ url: 'http://a.test/', method })), place('asked'));
  ask(place(JSON.stringify({ url: 'http://a.test/', method })), 0n);
  expect(sent.map((one) => [one.method, one.body_base64])).toEqual([
    [method, Buffer.from('asked').toString('base64')],
    [method, undefined],
  ]);
});
