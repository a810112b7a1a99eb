import assert from 'node:assert/strict';
import { type HammerOptions, hammer } from '../tools/hammer.ts';
import { inTime } from '../tools/in-time.ts';
import type { StateStorePart, StateStoreSubject, StoredRecord } from './state-store-subject.ts';

const VALUES: readonly unknown[] = [
  null,
  false,
  0,
  -1.5,
  Number.MAX_SAFE_INTEGER,
  '',
  'text',
  [],
  {},
  { list: [1, [2, { three: null }]], 'a key with "quotes"': true, '': '' },
  '\u0000\u0001\u007f\u0080\uffff \r\n\t',
  '\ufeff\u2028\u2029 é e\u0301 日本 🧵',
];

const KEYS: readonly string[] = [
  'key',
  'Key',
  'key ',
  ' key',
  'key\u0000',
  'key\n',
  'key:1',
  'key*',
  'key?',
  '[k]ey',
  '{key}',
  'k\\ey',
  '"key"',
  'é',
  'e\u0301',
  '日本',
  '🧵',
  '__proto__',
  'constructor',
  'k'.repeat(1_000),
];

/** Milliseconds; real ones pass as well while a test runs, and must not count. */
const TTL_MS = 100_000_000;
const SOON_MS = 100_000;

const LARGE = `${'日本🧵"\\\n'.repeat(150_000)}end`;

/** Records: what is written is read, nothing is lost in races, and time to live is kept. */
export function recordTests({ suite, open }: StateStorePart, race: Required<HammerOptions>): void {
  suite.it('gives back what was put last', async () => {
    await using opened = await open();
    const { store } = opened;
    assert.equal(await store.get('absent'), undefined);
    for (const value of VALUES) {
      await store.put('key', { value });
      assert.deepEqual((await store.get('key'))?.value, value);
    }
  });

  suite.it('shares no object with anybody', async () => {
    await using opened = await open();
    const { store } = opened;
    const given = { list: [1] };
    await store.put('key', { value: given });
    given.list.push(2);
    const found = await store.get('key');
    assert.deepEqual(found?.value, { list: [1] }, 'what was put has changed with the object that was given');
    listOf(found).push(3);
    assert.deepEqual((await store.get('key'))?.value, { list: [1] }, 'what one has got changed for the next');
    const swap = await store.compareAndSet('key', found?.revision, { value: given });
    listOf(swap.current).push(4);
    given.list.push(5);
    assert.deepEqual((await store.get('key'))?.value, { list: [1, 2] }, 'what a swap has told changed for the next');
  });

  suite.it('tells keys apart, whatever characters they have', async () => {
    await using opened = await open();
    const { store } = opened;
    for (const key of KEYS) {
      assert.equal(await store.get(key), undefined, JSON.stringify(key));
      await store.put(key, { value: key });
    }
    for (const key of KEYS) assert.equal((await store.get(key))?.value, key);
  });

  suite.it('gives back a large value whole', async () => {
    await using opened = await open();
    await inTime(opened.store.put('key', { value: LARGE }), 'putting a large value');
    const found = await inTime(opened.store.get('key'), 'getting a large value');
    assert.ok(found?.value === LARGE, `${String(found?.value).length} of ${LARGE.length} characters, or others`);
  });

  suite.it('compare-and-set writes at its revision alone, and tells what is there', async () => {
    await using opened = await open();
    const { store } = opened;
    const made = await store.compareAndSet('key', undefined, { value: 'made' });
    assert.equal(made.swapped, true);
    assert.deepEqual(made.current, await store.get('key'));
    for (const [expected, write] of [
      [undefined, { value: 'made again' }],
      ['no revision', { value: 'guessed' }],
      ['no revision', undefined],
    ] as const) {
      const refused = await store.compareAndSet('key', expected, write);
      assert.deepEqual(refused, { swapped: false, current: made.current });
    }
    const changed = await store.compareAndSet('key', made.current?.revision, { value: 'changed' });
    assert.equal(changed.swapped, true);
    const late = await store.compareAndSet('key', made.current?.revision, { value: 'late' });
    assert.deepEqual(late, { swapped: false, current: changed.current });
    assert.equal((await store.get('key'))?.value, 'changed');
    const gone = await store.compareAndSet('key', changed.current?.revision, undefined);
    assert.deepEqual(gone, { swapped: true, current: undefined });
    assert.equal(await store.get('key'), undefined);
    const nothing = await store.compareAndSet('key', changed.current?.revision, { value: 'too late' });
    assert.deepEqual(nothing, { swapped: false, current: undefined });
  });

  suite.it('gives no revision twice, not even for the same value after a delete', async () => {
    await using opened = await open();
    const { store } = opened;
    const seen: unknown[] = [];
    for (let round = 0; round < 5; round += 1) {
      await store.put('key', { value: 'same' });
      seen.push((await store.get('key'))?.revision);
      await store.put('key', { value: 'same' });
      seen.push((await store.get('key'))?.revision);
      await store.delete('key');
    }
    assert.equal(new Set(seen).size, seen.length, `revisions ${seen.join(', ')}`);
  });

  suite.it('a wrong time to live, and a value that is no JSON, are a TypeError and change nothing', async () => {
    await using opened = await open();
    const { store } = opened;
    await store.put('key', { value: 'there' });
    const there = await store.get('key');
    const circle: unknown[] = [];
    circle.push(circle);
    const wrong = [
      ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map((ttlMs) => ({ value: 1, ttlMs })),
      ...[undefined, () => 1, Symbol('text'), 1n, circle].map((value) => ({ value })),
    ];
    for (const write of wrong) {
      const what = 'ttlMs' in write ? `ttlMs ${write.ttlMs}` : `a value that is ${kindOf(write.value)}`;
      await isTypeError(`put with ${what}`, () => store.put('key', write));
      await isTypeError(`compareAndSet with ${what}`, () => store.compareAndSet('key', there?.revision, write));
      if ('ttlMs' in write) await isTypeError(`expire with ${what}`, () => store.expire('key', write.ttlMs));
      else await isTypeError(`publish with ${what}`, () => store.publish('news', write.value));
    }
    assert.deepEqual(await store.get('key'), there, 'what was there before them');
  });

  suite.it('delete says whether there was something', async () => {
    await using opened = await open();
    const { store } = opened;
    assert.equal(await store.delete('key'), false);
    await store.put('key', { value: 1 });
    assert.equal(await store.delete('key'), true);
    assert.equal(await store.get('key'), undefined);
  });

  suite.it('of many who change one record at once, nobody’s change is lost', async () => {
    await using opened = await open();
    const stores = [opened.store, await opened.another()];
    const of = (worker: number): StateStoreSubject => stores[worker % stores.length] ?? opened.store;
    await inTime(
      hammer(race, (worker) => increment(of(worker))),
      'the changes',
    );
    assert.equal((await opened.store.get('count'))?.value, race.workers * race.loops);

    const workers = Array.from({ length: race.workers }, (_, worker) => worker);
    const made = workers.map((value) => of(value).compareAndSet('one', undefined, { value }));
    const makers = (await inTime(Promise.all(made), 'making a record')).filter(({ swapped }) => swapped);
    assert.equal(makers.length, 1, 'who made the record, of all who tried');
    const revision = makers[0]?.current?.revision;
    const taken = workers.map((worker) => of(worker).compareAndSet('one', revision, undefined));
    const takers = (await inTime(Promise.all(taken), 'taking a record')).filter(({ swapped }) => swapped);
    assert.equal(takers.length, 1, 'who took the record, of all who tried');
  });

  suite.itWith(['another'], 'another store has the same records', async () => {
    await using opened = await open();
    const another = await opened.another();
    await opened.store.put('key', { value: 'one' });
    const found = await another.get('key');
    assert.equal(found?.value, 'one');
    assert.equal((await another.compareAndSet('key', found.revision, { value: 'two' })).swapped, true);
    await another.close();
    assert.equal((await opened.store.get('key'))?.value, 'two', 'after the other one was closed');
  });

  suite.itWith(['clock'], 'a record whose time to live is over is absent to every operation', async () => {
    await using opened = await open();
    const { store, pass } = opened;
    await store.put('put', { value: 1, ttlMs: TTL_MS });
    await store.compareAndSet('swapped', undefined, { value: 1, ttlMs: TTL_MS });
    await store.put('given later', { value: 1 });
    await store.expire('given later', TTL_MS);
    await store.put('stays', { value: 1 });
    // Each is asked for once, and by nothing else: a store may find out at the first look that a record has expired.
    for (const key of ['deleted', 'compared', 'made']) await store.put(key, { value: 1, ttlMs: TTL_MS });
    const all = ['put', 'swapped', 'given later'];
    await pass(TTL_MS - SOON_MS);
    for (const key of all) assert.ok(await store.get(key), `"${key}" is gone too early`);
    const revision = (await store.get('put'))?.revision;
    const compared = (await store.get('compared'))?.revision;
    await pass(SOON_MS);
    assert.equal(await store.delete('deleted'), false, 'deleting an expired record');
    const gone = { swapped: false, current: undefined };
    assert.deepEqual(
      await store.compareAndSet('compared', compared, undefined),
      gone,
      'an expired record that is compared',
    );
    assert.equal(
      (await store.compareAndSet('made', undefined, { value: 2 })).swapped,
      true,
      'making an expired record',
    );
    assert.equal(await store.expire('put', TTL_MS), false, 'a new time to live for an expired record');
    assert.deepEqual(await store.compareAndSet('put', revision, undefined), gone);
    for (const key of all) assert.equal(await store.get(key), undefined, `"${key}" has expired`);
    assert.equal(await store.delete('given later'), false, 'deleting an expired record');
    assert.equal((await store.compareAndSet('swapped', undefined, { value: 2 })).swapped, true);
    await pass(1_000 * TTL_MS);
    assert.ok(await store.get('stays'), 'a record without a time to live is gone');
    if (store.pass) return; // a clock of its own goes on meanwhile, so that no moment can be told
    const ttlMs = 1_500;
    await store.put('to the millisecond', { value: 1, ttlMs });
    await pass(ttlMs - 1);
    assert.ok(await store.get('to the millisecond'), `a record for ${ttlMs} ms, one before its time`);
    await pass(1);
    assert.equal(await store.get('to the millisecond'), undefined, `a record for ${ttlMs} ms, when they are over`);
  });

  suite.itWith(['clock'], 'a time to live is renewed by expire and forgotten by a write without one', async () => {
    await using opened = await open();
    const { store, pass } = opened;
    assert.equal(await store.expire('absent', TTL_MS), false);
    for (const key of ['renewed', 'put', 'swapped']) await store.put(key, { value: 1, ttlMs: TTL_MS });
    await pass(0.9 * TTL_MS);
    const before = await store.get('renewed');
    assert.equal(await store.expire('renewed', TTL_MS), true);
    assert.deepEqual(await store.get('renewed'), before, 'a new time to live is no new revision');
    await store.put('put', { value: 2 });
    await store.compareAndSet('swapped', (await store.get('swapped'))?.revision, { value: 2 });
    await pass(0.9 * TTL_MS);
    for (const key of ['renewed', 'put', 'swapped']) assert.ok(await store.get(key), `"${key}" is gone`);
    await store.put('short', { value: 1, ttlMs: TTL_MS / 2 });
    await store.put('shortened', { value: 1, ttlMs: TTL_MS });
    assert.equal(await store.expire('shortened', TTL_MS / 2), true);
    await pass(TTL_MS / 2);
    if (await store.get('short')) return; // for the test above to say
    assert.equal(await store.get('shortened'), undefined, 'a record whose time to live was made shorter');
  });
}

function kindOf(value: unknown): string {
  return typeof value === 'object' ? 'a list which holds itself' : `of the type ${typeof value}`;
}

async function isTypeError(what: string, run: () => Promise<unknown>): Promise<void> {
  const outcome = await inTime(
    Promise.resolve()
      .then(run)
      .then(
        () => 'was accepted',
        (error: unknown) => (error instanceof TypeError ? undefined : `rejected with ${String(error)}`),
      ),
    what,
  );
  assert.equal(outcome, undefined, `${what} ${outcome}, in place of a rejection with a TypeError`);
}

function listOf(found: StoredRecord | undefined): number[] {
  assert.ok(found, 'there is no record');
  return (found.value as { list: number[] }).list;
}

/** Each refusal means that another's change came first, so this many are enough for everybody. */
const MAX_TRIES = 10_000;

async function increment(store: StateStoreSubject): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const found = await store.get('count');
    const value = ((found?.value as number | undefined) ?? 0) + 1;
    if ((await store.compareAndSet('count', found?.revision, { value })).swapped) return;
  }
  assert.fail(`one change was refused ${MAX_TRIES} times`);
}
