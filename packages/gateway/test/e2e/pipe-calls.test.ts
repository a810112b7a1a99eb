import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AnyUpstream } from '../fixtures/any-upstream.ts';
import { type ServedHttp, serveHttp } from '../fixtures/serve-http.ts';
import { LockgateProcess } from './lockgate-process.ts';

type Json = Record<string, unknown>;

let upstream: ServedHttp;
const any = new AnyUpstream();

beforeAll(async () => {
  upstream = await serveHttp(any.make);
});

afterAll(async () => {
  await upstream.close();
});

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A client that writes its frames itself. */
class RawPipe implements AsyncDisposable {
  readonly #process: LockgateProcess;
  readonly #era: 'legacy' | 'modern';
  #read = 0;
  #ids = 0;

  private constructor(process: LockgateProcess, era: 'legacy' | 'modern') {
    this.#process = process;
    this.#era = era;
  }

  static async open(era: 'legacy' | 'modern'): Promise<RawPipe> {
    const config = { mcpServers: { any: { url: upstream.url } } };
    const pipe = new RawPipe(await LockgateProcess.start({ config, args: ['--stdio', '--server', 'any'] }), era);
    pipe.write(...pipe.#hello());
    await pipe.next(({ id }) => id === 0);
    return pipe;
  }

  /** Frames of the opening, the last of which asks nothing. */
  #hello(): Json[] {
    const clientInfo = { name: 'raw', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    return this.#era === 'modern'
      ? [{ id: 0, method: 'server/discover', params: { _meta: ENVELOPE } }]
      : [{ id: 0, method: 'initialize', params }, { method: 'notifications/initialized' }];
  }

  /** Writes frames in one piece. */
  write(...frames: readonly Json[]): void {
    const lines = frames.map((frame) => `${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`);
    this.#process.child.stdin.write(lines.join(''));
  }

  frame(args: Json = {}, meta: Json = {}, more: Json = {}): Json & { id: number } {
    const own = this.#era === 'modern' ? { ...ENVELOPE, ...meta } : meta;
    const _meta = Object.keys(own).length > 0 ? { _meta: own } : {};
    return { id: ++this.#ids, method: 'tools/call', params: { name: 'any', arguments: args, ..._meta, ...more } };
  }

  /** The next frame of which this is true; others are passed over. */
  async next(wanted: (frame: Json) => boolean): Promise<Json> {
    for (;;) {
      const end = this.#process.stdout.indexOf('\n', this.#read);
      if (end === -1) {
        await new Promise((resolve) => this.#process.child.stdout.once('data', resolve));
        continue;
      }
      const frame = JSON.parse(this.#process.stdout.slice(this.#read, end)) as Json;
      this.#read = end + 1;
      if (wanted(frame)) return frame;
    }
  }

  async call(...asked: Parameters<RawPipe['frame']>): Promise<Json> {
    const frame = this.frame(...asked);
    this.write(frame);
    const { id: _, ...said } = await this.next(({ id }) => id === frame.id);
    return said;
  }

  get written(): string {
    return this.#process.stdout;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}

describe.each(['legacy', 'modern'] as const)('over a pipe of the %s era', (era) => {
  let pipe: RawPipe;

  beforeAll(async () => {
    pipe = await RawPipe.open(era);
  });

  afterAll(async () => {
    await pipe[Symbol.asyncDispose]();
  });

  const info = { 'io.modelcontextprotocol/serverInfo': { name: 'any', version: '1' } };

  test.each<[string, Json]>([
    ['text', { content: [{ type: 'text', text: 'ünï😀', 'x-kept': 1 }], 'x-result': ['kept'] }],
    ['structure', { content: [], structuredContent: { n: 1 }, _meta: { 'x/y': 1 } }],
    ['structure that is no object', { content: [], structuredContent: [1, 2] }],
    ['an error', { content: [], isError: true }],
  ])('a tool call is answered with %s', async (_what, result) => {
    any.answer = () => result;
    const modern = { ...result, resultType: 'complete', _meta: { ...(result._meta as Json), ...info } };
    expect(await pipe.call()).toEqual({ jsonrpc: '2.0', result: era === 'modern' ? modern : result });
  });

  test('a request may have any number for an id, and gets it back as it was written', async () => {
    any.answer = () => ({ content: [] });
    pipe.write({ ...pipe.frame(), id: 1.5 });
    expect(await pipe.next(({ id }) => id === 1.5)).toMatchObject({ result: { content: [] } });
  });

  test('what is told on the way comes before the answer', async () => {
    any.answer = () => ({ content: [] });
    const frame = pipe.frame({ step: 'half' }, { progressToken: 'p' });
    pipe.write(frame);
    const ofCall = ({ id, method }: Json): boolean => id === frame.id || method === 'notifications/progress';
    const told = await pipe.next(ofCall);
    expect(told).toMatchObject({ method: 'notifications/progress', params: { progressToken: 'p', message: 'half' } });
    expect(await pipe.next(ofCall)).toMatchObject({ id: frame.id, result: { content: [] } });
  });

  test('a call that is cancelled ends at the server and is not answered', async () => {
    any.waiting = Promise.withResolvers();
    const frame = pipe.frame({ wait: true });
    pipe.write(frame);
    const signal = await any.waiting.promise;
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve));
    pipe.write({ method: 'notifications/cancelled', params: { requestId: frame.id, reason: 'changed my mind' } });
    await ended;
    any.answer = () => ({ content: [] });
    await pipe.call();
    expect(pipe.written).not.toContain(`"id":${frame.id}}`);
    expect(pipe.written).not.toContain(`"id":${frame.id},`);
  });

  test('a frame of more than 10 MB is read', async () => {
    const said = await pipe.call({ text: 'x'.repeat(11 * 1024 * 1024) }, {}, { name: 'other' });
    expect(said).toMatchObject({ error: { code: -32_602 } });
  });

  test('a tool that is not there is a JSON-RPC error', async () => {
    expect(await pipe.call({}, {}, { name: 'other' })).toMatchObject({ error: { code: -32_602 } });
  });
});
