import { PassThrough, type Readable } from 'node:stream';
import type { CommandEnd, ServedRequest, Service, ServiceHandler } from '@lockgate/runtime';
import { expect, test } from 'vitest';
import { guestService } from '../../src/transport/guest-service.ts';
import { Programs } from '../../src/transport/programs.ts';
import type { Ticket } from '../../src/transport/server-link.ts';
import { ServiceLink } from '../../src/transport/service-link.ts';

type Answer = (request: ServedRequest, handler: ServiceHandler) => void;

/** A guest in a thread, as far as the gateway sees one. */
class FakeService implements Service {
  readonly asked: ServedRequest[] = [];
  readonly stderr: Readable & PassThrough = new PassThrough();
  readonly memoryBytes = 0;
  readonly #over = Promise.withResolvers<CommandEnd>();
  readonly ended: Promise<CommandEnd> = this.#over.promise;
  answer: Answer = () => {};
  stopped = 0;

  handle(request: ServedRequest, handler: ServiceHandler): () => void {
    this.asked.push(request);
    this.answer(request, handler);
    return () => {
      this.stopped++;
    };
  }

  fall(end: CommandEnd): void {
    this.stderr.end();
    this.#over.resolve(end);
  }

  async end(): Promise<void> {
    this.fall({ exitCode: null });
  }

  unref(): void {}
}

async function open() {
  const service = new FakeService();
  const programs = new Programs(1, async () => ({
    startServer: () => Promise.reject(new Error('it is spoken to in requests')),
    startService: async () => guestService(service, () => true),
    speaks: async () => 'http' as const,
  }));
  const program = {
    name: 's',
    wasm: 's.wasm',
    args: [],
    env: {},
    storage: [],
    keyValue: undefined,
    hosts: [],
    callTimeoutMs: 1_000,
  };
  const link = new ServiceLink({
    programs,
    program,
    onStderr: () => {},
    redact: (text) => text.replace('secret', '***'),
  });
  const over = Promise.withResolvers<string>();
  await link.start({ frame: () => true, sign: () => {}, missed: () => {}, ended: over.resolve });
  return { service, link, ended: over.promise, [Symbol.asyncDispose]: () => programs.close() };
}

/** What comes of one request. */
function ticket(): Ticket & { readonly told: string[]; readonly came: Promise<void> } {
  const told: string[] = [];
  const { promise: came, resolve } = Promise.withResolvers<void>();
  const tell = (text: string): void => {
    told.push(text);
    resolve();
  };
  return {
    told,
    came,
    get isDone() {
      return told.length > 0;
    },
    frame: (bytes) => tell(`${bytes}`),
    event: (bytes) => tell(`${bytes}`),
    refused: ({ status }) => tell(`refused: ${status}`),
    failed: (cause, reached) => tell(`failed: ${cause.message}, ${reached}`),
  };
}

const frame = [Buffer.from('{"id":1}')];
const json = [['content-type', 'application/json']] as const;

test('requests are handed to a guest that serves HTTP, and its answers come as of any server over HTTP', async () => {
  await using opened = await open();
  const { service, link } = opened;
  const send = async (answer: Answer): Promise<string[]> => {
    service.answer = answer;
    const asked = ticket();
    link.send(frame, asked, { 'mcp-method': 'ping' });
    await asked.came;
    return asked.told;
  };
  const whole = await send((_request, { head, data, end }) => {
    head(200, json);
    data(Buffer.from('{"id":1,'));
    data(Buffer.from('"result":{}}'));
    end();
  });
  expect(whole).toEqual(['{"id":1,"result":{}}']);
  const { method, path, headers, body } = service.asked[0] as ServedRequest;
  expect([method, path, `${Buffer.from(body)}`]).toEqual(['POST', '/mcp', '{"id":1}']);
  expect(Object.fromEntries(headers)).toMatchObject({
    ...{ host: 'localhost', 'content-length': '8', 'mcp-method': 'ping', 'content-type': 'application/json' },
  });
  expect(Object.fromEntries(headers)).not.toHaveProperty('accept-encoding');
  const streamed = await send((_request, { head, data }) => {
    head(200, [['content-type', 'text/event-stream']]);
    data(Buffer.from('data: {"id":1,"result":1}\n\n'));
  });
  expect(streamed).toEqual(['{"id":1,"result":1}']);
  expect(
    await send((_request, { head, end }) => {
      head(404, []);
      end();
    }),
  ).toEqual(['refused: 404']);
  expect(
    await send((_request, { head, fail }) => {
      head(500, []);
      fail(new Error('it left its answer unfinished'), true);
    }),
  ).toEqual(['refused: 500']);
  expect(await send((_request, { fail }) => fail(new Error('it trapped'), true))).toEqual(['failed: it trapped, true']);
});

test('a request that is given up is ended, and a guest that falls ends its link with the reason, without the words of other requests', async () => {
  await using opened = await open();
  const { service, link } = opened;
  link.send(frame, ticket())();
  expect(service.stopped).toBe(1);
  service.stderr.write('a secret tank is empty\n');
  service.fall({ exitCode: 134, reason: 'it trapped: unreachable' });
  expect(await opened.ended).toBe('it trapped: unreachable; its last words are in the log, at debug');
  const late = ticket();
  link.send(frame, late);
  expect(late.told).toEqual(['failed: the connection has been closed, false']);
});
