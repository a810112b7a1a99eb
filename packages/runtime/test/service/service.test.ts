import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { canSuspend } from '../../src/host/suspend.ts';
import { type CommandOptions, createRuntime, type Service } from '../../src/index.ts';
import { componentCommand, FAILING } from '../command/component-command.ts';
import { countingThreads } from '../command/live-threads.ts';
import {
  BEGIN,
  COMPLETE,
  countingComponent,
  FINISH,
  FOREVER,
  GROW,
  httpComponent,
  PAUSE,
  SLEEP,
  TRAP,
  trappingAtStart,
  WRITE,
} from './http-component.ts';

const MIB = 1_048_576;

async function start(code: readonly number[], options?: CommandOptions): Promise<Service> {
  const runtime = await createRuntime();
  onTestFinished(() => runtime.close());
  return runtime.startService(httpComponent(code), options);
}

interface Asked {
  /** What came of it: the status, each piece of the body, `end` or why it failed. */
  readonly came: Promise<readonly string[]>;
  /** Resolves with the first piece of the body. */
  readonly first: Promise<void>;
  stop(): void;
}

function ask(service: Service): Asked {
  const came: string[] = [];
  const over = Promise.withResolvers<readonly string[]>();
  const first = Promise.withResolvers<void>();
  const request = { method: 'POST', path: '/mcp', authority: 'localhost', headers: [], body: new Uint8Array(0) };
  const stop = service.handle(request, {
    head: (status) => came.push(String(status)),
    data: (chunk) => {
      came.push(new TextDecoder().decode(chunk));
      first.resolve();
    },
    end: () => over.resolve([...came, 'end']),
    fail: (reason) => over.resolve([...came, reason.message]),
  });
  return { came: over.promise, first: first.promise, stop };
}

const answering = [...BEGIN, ...WRITE, ...PAUSE, ...WRITE, ...FINISH];

if (!canSuspend) console.log(`skipped: components that serve HTTP: Node ${process.versions.node} has no JSPI`);

describe.skipIf(!canSuspend)('a component that serves HTTP', () => {
  test('answers many requests at once, each piece of an answer as it is written', async () => {
    const service = await start(answering);
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(service).came));
    expect(answers).toEqual(answers.map(() => ['200', 'hello', 'hello', 'end']));
  });

  test('may finish the body before it gives the answer', async () => {
    const service = await start(COMPLETE);
    expect(await ask(service).came).toEqual(['200', 'hello', 'end']);
  });

  test('has keys and values from request to request, where they are granted, and as long as it runs', async () => {
    const runtime = await createRuntime();
    onTestFinished(() => runtime.close());
    for (const _ of ['once', 'again']) {
      const service = await runtime.startService(countingComponent(), { keyValue: 'memory' });
      for (const count of [1, 2, 3]) expect(await ask(service).came).toEqual(['200', `${count}ello`, 'end']);
      await service.end();
    }
    const denied = await runtime.startService(countingComponent());
    expect(await ask(denied).came).toEqual(['it trapped: unreachable']);
  });

  test('is refused for a later draft of keys and values, with both types', async () => {
    const runtime = await createRuntime();
    onTestFinished(() => runtime.close());
    const later = countingComponent({ version: '0.2.0-draft2', number: 's64' });
    await expect(runtime.startService(later, { keyValue: 'memory' })).rejects.toThrow(
      /increment.*must be .*, string, u64\) -> result<u64.*found .*, string, s64\) -> result<s64/s,
    );
  });

  test('sleeps on without being in the way of others, and is ended where nobody waits for it', async () => {
    const service = await start([...BEGIN, ...WRITE, ...SLEEP]);
    const asked = Array.from({ length: 16 }, () => ask(service));
    await Promise.all(asked.map(({ first }) => first));
    const next = ask(service); // there is room for sixteen
    asked[0]?.stop();
    await next.first;
    await service.end();
    expect(await next.came).toEqual(['200', 'hello', 'it was ended']);
  });

  test.each([
    ['traps', [...BEGIN, ...WRITE, ...TRAP], ['200', 'hello', 'it trapped: unreachable']],
    ['traps before it has answered', TRAP, ['it trapped: unreachable']],
    ['answers nothing', [], ['it gave no answer']],
    ['leaves its answer unfinished', [...BEGIN, ...WRITE], ['200', 'hello', 'it left its answer unfinished']],
  ])('that %s fails its request, and no other', async (_what, code, came) => {
    const service = await start(code);
    expect(await Promise.all([ask(service).came, ask(service).came])).toEqual([came, came]);
  });

  test('whose requests have too much memory together ends the one that took it, and says so', async () => {
    const service = await start([...BEGIN, ...WRITE, ...GROW(160), ...SLEEP], { memoryCeilingBytes: 16 * MIB });
    const one = ask(service);
    await one.first;
    expect(await ask(service).came).toEqual([
      ...['200', 'hello'],
      'it was ended: the 2 requests under way had 20.3 MiB of memory, and may have 16 MiB together: raise "limits.memoryCeilingBytes" (16777216) if they need more',
    ]);
    await service.end();
    expect(await one.came).toEqual(['200', 'hello', 'it was ended']);
  });

  test('that traps with all its memory used up says so', async () => {
    const service = await start([...GROW(254), ...TRAP], { memoryCeilingBytes: 16 * MIB });
    expect(await ask(service).came).toEqual([
      'it trapped: unreachable; it had 16 MiB of the 16 MiB of memory that it may have: raise "limits.memoryCeilingBytes" (16777216) if it needs more',
    ]);
  });

  test('that computes for ever is ended with all that it was asked, however much it writes', async () => {
    const service = await start([...BEGIN, ...FOREVER(WRITE)], { callTimeoutMs: 200 });
    const asked = ask(service);
    await asked.first;
    const { reason } = await service.ended;
    expect(reason).toBe('it computed for more than 200 ms without waiting for anything, and was ended');
    expect((await asked.came).at(-1)).toBe(reason);
    expect(await ask(service).came).toEqual([reason]);
  });

  test('that writes for ever is ended where nobody waits for it, and the next request has its turn', async () => {
    const service = await start([...BEGIN, ...FOREVER(WRITE)]);
    const asked = ask(service);
    await asked.first;
    asked.stop();
    const next = ask(service);
    await next.first;
    next.stop();
  });

  test('that gets no further in its start section is gone once the signal of its start has fired', async () => {
    const threads = countingThreads();
    const runtime = await createRuntime();
    onTestFinished(() => runtime.close());
    const endless = { functions: [{ name: 'start', params: [], results: [], code: FOREVER([]) }], starts: true };
    const abort = new AbortController();
    const starting = runtime.startService(httpComponent([], endless), { signal: abort.signal });
    await expect.poll(threads).toBe(1);
    abort.abort(new Error('nobody wants it any more'));
    await expect(starting).rejects.toThrow('nobody wants it any more');
    expect(threads()).toBe(0);
  });

  test('that traps in its start section has ended of that, and what it wrote before can be read', async () => {
    const runtime = await createRuntime();
    onTestFinished(() => runtime.close());
    const service = await runtime.startService(trappingAtStart());
    expect(await service.ended).toMatchObject({ exitCode: 134, reason: 'it trapped: unreachable' });
    expect(await text(service.stderr)).toBe('hello');
    expect(await ask(service).came).toEqual(['it trapped: unreachable']);
  });

  test('is not started where it is of another kind', async () => {
    const runtime = await createRuntime();
    onTestFinished(() => runtime.close());
    const failures = await Promise.all(
      [runtime.startService(componentCommand(FAILING)), runtime.startCommand(httpComponent([]))].map((starting) =>
        starting.then(String, (error: Error) => error.message),
      ),
    );
    expect(failures).toEqual([
      expect.stringContaining('over its standard input, not in requests of HTTP'),
      expect.stringContaining('in requests of HTTP, not over its standard input'),
    ]);
  });
});
