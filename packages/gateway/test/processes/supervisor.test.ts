import { expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import type { ProcessEnd, ServingProcess } from '../../src/processes/serving-process.ts';
import { Supervisor } from '../../src/processes/supervisor.ts';

interface Fake extends ServingProcess {
  prepare(): void;
  readonly mayListen: () => boolean;
  serve(): void;
  end(end: Partial<ProcessEnd>): void;
  readonly told: readonly string[];
}

function setUp(count: number) {
  const started: Fake[] = [];
  const pauses: { readonly milliseconds: number; readonly over: () => void }[] = [];
  const looped: ProcessEnd[] = [];
  let time = 0;
  const supervisor = new Supervisor({
    count,
    logger: silentLogger,
    now: () => time,
    endMs: () => 1_000,
    pause: (milliseconds) => new Promise<void>((over) => void pauses.push({ milliseconds, over })),
    onCrashLoop: (end) => void looped.push(end),
    start: (number) => {
      const prepared = Promise.withResolvers<void>();
      const ready = Promise.withResolvers<void>();
      let isListening = false;
      const ended = Promise.withResolvers<ProcessEnd>();
      const told: string[] = [];
      const end = (given: Partial<ProcessEnd>): void => ended.resolve({ code: null, signal: null, ...given });
      const fake: Fake = {
        number,
        pid: 100 + started.length,
        link: { tell: (what: string) => void told.push(what), close: () => undefined } as never,
        prepared: prepared.promise,
        prepare: prepared.resolve,
        listen: () => {
          isListening = true;
        },
        mayListen: () => isListening,
        ready: ready.promise,
        ended: ended.promise,
        kill: (signal) => end({ signal }),
        serve: ready.resolve,
        end,
        told,
      };
      started.push(fake);
      return fake;
    },
  });
  const pass = (milliseconds: number): void => {
    time += milliseconds;
  };
  return { supervisor, started, pauses, looped, pass };
}

const READY_MS = 120_000;

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
};

async function open(count: number) {
  const made = setUp(count);
  const opening = made.supervisor.open();
  for (let turn = 0; turn < 2; turn += 1) {
    for (const one of made.started) one.prepare();
    await settled();
  }
  for (const one of made.started) one.serve();
  expect(await opening).toBeUndefined();
  await settled();
  return made;
}

test('the others start once the first could serve; one that never serves is told by how it ended', async () => {
  const { supervisor, started } = setUp(3);
  const opening = supervisor.open();
  await settled();
  expect(started).toHaveLength(1);
  started[0]?.end({ code: 2 });
  expect(await opening).toMatchObject({ code: 2 });
  expect((await open(3)).started.map(({ number }) => number)).toEqual([1, 2, 3]);
});

test.each<[string, (last: Fake | undefined) => void]>([
  ['could serve', (last) => last?.prepare()],
  ['has ended', (last) => last?.end({ code: 1 })],
])('the first ones listen when the last of them %s, and not before; later ones at once', async (_how, goOn) => {
  const { supervisor, started, pauses } = setUp(2);
  const opening = supervisor.open();
  started[0]?.prepare();
  await settled();
  expect(started.map((one) => one.mayListen())).toEqual([false, false]);
  goOn(started[1]);
  await settled();
  expect(started[0]?.mayListen()).toBe(true);
  started[0]?.serve();
  expect(await opening).toBeUndefined();
  started[0]?.end({ code: 1 });
  await settled();
  for (const { over } of pauses) over();
  await settled();
  expect(started.at(-1)?.mayListen()).toBe(true);
});

test('the first ones wait no longer for each other than they may', async () => {
  const { supervisor, started, pauses } = setUp(2);
  void supervisor.open();
  started[0]?.prepare();
  await settled();
  pauses[0]?.over();
  await settled();
  expect(started.map((one) => one.mayListen())).toEqual([true, true]);
});

test('one that dies is started again under its number, after pauses that grow until one has served for a minute', async () => {
  const { started, pauses, pass } = await open(2);
  pauses.splice(0);
  for (let death = 0; death < 9; death += 1) {
    started.at(-1)?.end({ signal: 'SIGSEGV' });
    await settled();
    pauses.at(-1)?.over();
    await settled();
    started.at(-1)?.serve();
    await settled();
  }
  expect(pauses.map(({ milliseconds }) => milliseconds).filter((pause) => pause !== READY_MS)).toEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
  pass(60_000);
  started.at(-1)?.end({ code: 0 });
  await settled();
  expect(pauses.at(-1)?.milliseconds).toBe(250);
  expect(new Set(started.map(({ number }) => number))).toEqual(new Set([1, 2]));
});

test('one that dies is waited for no longer than a second where none serves, and where the last that does dies meanwhile', async () => {
  const alone = await open(1);
  for (let death = 0; death < 9; death += 1) {
    alone.started.at(-1)?.end({ signal: 'SIGSEGV' });
    await settled();
    alone.pauses.at(-1)?.over();
    await settled();
    alone.started.at(-1)?.serve();
    await settled();
  }
  expect(Math.max(...alone.pauses.map(({ milliseconds }) => milliseconds % READY_MS))).toBe(1_000);

  const { started, pauses } = await open(2);
  for (let death = 0; death < 8; death += 1) {
    if (death > 0) pauses.at(-1)?.over();
    await settled();
    started.at(-1)?.serve();
    await settled();
    started.at(-1)?.end({ signal: 'SIGSEGV' });
    await settled();
  }
  expect([started.length, pauses.at(-1)?.milliseconds]).toEqual([9, 30_000]);
  started[0]?.end({ signal: 'SIGSEGV' });
  await settled();
  for (const { milliseconds, over } of pauses.slice(-2)) if (milliseconds === 1_000) over();
  await settled();
  expect(started).toHaveLength(11);
});

test('five in a row that never serve are a loop, unless another one serves', async () => {
  const alone = await open(1);
  const beside = await open(2);
  for (const { started, pauses } of [alone, beside]) {
    for (let death = 0; death < 6; death += 1) {
      started.at(-1)?.end({ signal: 'SIGKILL' });
      await settled();
      pauses.at(-1)?.over();
      await settled();
    }
  }
  expect(alone.looped).toEqual([{ code: null, signal: 'SIGKILL' }]);
  expect(alone.started).toHaveLength(6);
  expect(beside.looped).toEqual([]);
  expect(beside.started).toHaveLength(8);
});

test('a roll ends each only when another one serves in its place, and none dies of one that does not', async () => {
  const { supervisor, started } = await open(2);
  const [one, two] = started as [Fake, Fake];
  const rolling = supervisor.roll();
  await settled();
  expect([started.map(({ number }) => number), one.told]).toEqual([[1, 2, 3], []]);
  started[2]?.serve();
  await settled();
  expect([one.told, two.told]).toEqual([['leave'], []]);
  one.end({ code: 0 });
  await settled();
  expect(started[3]?.number).toBe(1);
  started[3]?.end({ code: 2 });
  expect(await rolling).toEqual({ replaced: 1, failure: 'it ended by exit code 2' });
  expect([two.told, supervisor.serving]).toEqual([[], [two, started[2]]]);
  const stopping = supervisor.stop('close');
  for (const fake of started) fake.end({ code: 0 });
  await stopping;
  expect([two.told, supervisor.running]).toEqual([['close'], []]);
});

test('one that was started again and does not come to serve is killed, and another one takes its place', async () => {
  const { supervisor, started, pauses } = await open(2);
  started[1]?.end({ signal: 'SIGSEGV' });
  for (let turn = 0; turn < 3; turn += 1) {
    await settled();
    for (const { over } of pauses.splice(0)) over();
  }
  await settled();
  expect(started).toHaveLength(4);
  started[3]?.serve();
  await settled();
  expect(supervisor.serving).toEqual([started[0], started[3]]);
});

test('one that ends while another one starts in its place is replaced by that alone, or started again where that fails', async () => {
  const { supervisor, started, pauses } = await open(2);
  const [one, two] = started as [Fake, Fake];
  const rolling = supervisor.roll();
  await settled();
  one.end({ signal: 'SIGKILL' });
  await settled();
  started[2]?.serve();
  await settled();
  two.end({ signal: 'SIGKILL' });
  await settled();
  expect(started).toHaveLength(4);
  started[3]?.end({ code: 2 });
  expect(await rolling).toMatchObject({ replaced: 1 });
  for (let turn = 0; turn < 2; turn += 1) {
    await settled();
    for (const { milliseconds, over } of pauses) if (milliseconds < 1_000) over();
  }
  started[4]?.serve();
  await settled();
  expect(started).toHaveLength(5);
  expect(supervisor.serving).toEqual([started[4], started[2]]);
});

test.each<[string, (fresh: Fake | undefined) => void]>([
  ['starts in place of another', () => undefined],
  ['has taken the place of another, which finishes its calls', (fresh) => fresh?.serve()],
])('a roll is over, and starts none any more, once all are to stop while one %s', async (_when, goOn) => {
  const { supervisor, started } = await open(3);
  const rolling = supervisor.roll();
  await settled();
  goOn(started[3]);
  await settled();
  supervisor.startNoMore();
  expect((await rolling).failure).toBe('the gateway is stopping');
  const stopping = supervisor.stop('close');
  expect(started.every(({ told }) => told.includes('close'))).toBe(true);
  for (const fake of started) fake.end({ code: 0 });
  await stopping;
  expect(started).toHaveLength(4);
});
