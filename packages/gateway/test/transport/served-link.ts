import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, vi } from 'vitest';
import { HttpLink } from '../../src/transport/http-link.ts';
import type { Refusal, Ticket } from '../../src/transport/server-link.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export interface Request {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answering = (request: Request, response: ServerResponse) => void;

/** A link to a server that answers as the test wants. */
export async function linkTo(answer: Answering) {
  const requests: Request[] = [];
  const server = createServer(async (incoming, response) => {
    const { method = '', headers } = incoming;
    const request = { method, headers, body: await text(incoming).catch(() => '') };
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  const link = new HttpLink(url, { Authorization: 'x' });
  const events = {
    frame: vi.fn<(bytes: Buffer) => boolean>(() => true),
    sign: vi.fn(),
    missed: vi.fn(),
    ended: vi.fn<(reason: string) => void>(),
  };
  await link.start(events);
  closing.push(async () => {
    await link.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { link, events, requests };
}

/** Waits for the answer to one request; `last` says which frame it is. */
export class Waiting implements Ticket {
  readonly frames: string[] = [];
  readonly #outcome = Promise.withResolvers<
    Refusal | { readonly cause: string; readonly reached: boolean } | 'answered'
  >();
  readonly outcome = this.#outcome.promise;
  isDone = false;

  frame(bytes: Buffer): void {
    this.frames.push(bytes.toString());
    if (bytes.includes('"id"')) this.#end('answered');
  }

  event(bytes: Buffer): void {
    this.frame(bytes);
  }

  refused(refusal: Refusal): void {
    this.#end(refusal);
  }

  failed(cause: Error, reached: boolean): void {
    this.#end({ cause: cause.message, reached });
  }

  #end(outcome: Awaited<Waiting['outcome']>): void {
    this.isDone = true;
    this.#outcome.resolve(outcome);
  }
}

export const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{}}';
export const frame = [Buffer.from('{"a":'), Buffer.from('1}')];
export const stream = (response: ServerResponse, content: string): ServerResponse => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(content);
  return response;
};
