import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import type { Endpoint } from '../../src/call/endpoint.ts';
import type { Pipeline } from '../../src/call/pipeline.ts';
import type { Served } from '../../src/call/served.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { Elsewhere, type ElsewhereOptions } from '../../src/http/elsewhere.ts';
import type { EndpointRequest } from '../../src/http/endpoint-request.ts';
import { Holders, type HoldersOptions } from '../../src/http/holders.ts';
import { StatelessRequests } from '../../src/http/stateless-requests.ts';
import type { Envelope } from '../../src/protocol/envelope.ts';
import { type RequestFrame, readFrame } from '../../src/protocol/frame/frame.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { KeepAlive } from '../../src/transport/keep-alive.ts';
import { endpointOf } from '../call/fake-endpoint.ts';

const CALL = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}');

/** Requests of clients whose catalogue takes as long as the test wants. */
async function slowCatalog(keepAlive: KeepAlive) {
  const endpoint = endpointOf([{ name: 'a' }]);
  const catalog = Promise.withResolvers<Catalog<Served>>();
  const slow = { ...endpoint, catalogFor: () => catalog.promise } as unknown as Endpoint;
  const answer = vi.fn(async () => ObjectText.EMPTY);
  const alone = new Elsewhere({ holders: new Holders({ name: undefined } as HoldersOptions) } as ElsewhereOptions);
  const requests = new StatelessRequests({ knows: () => true, answer } as unknown as Pipeline, keepAlive, alone);
  const post = (): { readonly response: ServerResponse; readonly done: Promise<void> | undefined } => {
    const request = new IncomingMessage(new Socket());
    const response = new ServerResponse(request);
    const accepted = { json: true, stream: true };
    const asked = { request, response, endpoint: slow, caller: { name: 'me' }, accepted, headers: {} };
    const envelope: Partial<Envelope> = { capabilities: ObjectText.EMPTY };
    const frame = readFrame(CALL) as RequestFrame;
    return { response, done: requests.post(asked as EndpointRequest, frame, envelope as Envelope, CALL) };
  };
  const found = await endpoint.catalog({ caller: { name: 'me' } } as never);
  return { post, answer, resolve: () => catalog.resolve(found) };
}

test('calls nothing for a client that has gone while its catalogue was read', async () => {
  const { post, answer, resolve } = await slowCatalog(new KeepAlive(() => 0));
  const [gone, waiting] = [post(), post()];
  gone.response.destroy();
  await once(gone.response, 'close');
  resolve();
  await Promise.all([gone.done, waiting.done]);
  expect(answer).toHaveBeenCalledOnce();
});

test('shows life to a client whose catalogue takes long to read', async () => {
  vi.useFakeTimers();
  const { post, resolve } = await slowCatalog(new KeepAlive(() => Date.now()));
  const { response, done } = post();
  const written = vi.spyOn(response, 'write');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(written.mock.calls.map(([text]) => String(text))).toContain(': keepalive\n\n');
  resolve();
  await done;
  vi.useRealTimers();
});
