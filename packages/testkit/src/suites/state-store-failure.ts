import assert from 'node:assert/strict';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { Ear } from './state-store-channels.ts';
import { OPERATIONS, type StateStorePart, type StateStoreSubject } from './state-store-subject.ts';

/** A store that fails or is closed says so by its code: nothing hangs, and nothing looks like an absent record. */
export function failureTests({ suite, open }: StateStorePart): void {
  suite.itWith(['failure'], 'while the store fails every operation is rejected with GATEWAY_STATE', async () => {
    await using opened = await open();
    const { store } = opened;
    await store.put('key', { value: 1 });
    await inTime(store.fail?.() ?? Promise.resolve(), 'taking the store away');
    for (const [name, run] of OPERATIONS) await rejected(name, run(store), 'while the store fails');
    await inTime(store.recover?.() ?? Promise.resolve(), 'giving the store back');
  });

  suite.itWith(['failure'], 'a store that is back serves again, and subscriptions hear', async () => {
    await using opened = await open();
    const { store } = opened;
    const ear = new Ear();
    await store.subscribe('news', ear);
    await inTime(store.fail?.() ?? Promise.resolve(), 'taking the store away');
    const asked = Promise.allSettled(OPERATIONS.map(([, run]) => run(store)));
    await inTime(store.recover?.() ?? Promise.resolve(), 'giving the store back');
    await inTime(asked, 'what was asked while the store failed');
    for (const [name, run] of OPERATIONS) await inTime(run(store), `"${name}" after the failure`);
    await store.put('key', { value: 2 });
    assert.equal((await store.get('key'))?.value, 2);
    await store.publish('news', 'back');
    await inTime(ear.count(1), 'a message after the failure');
    assert.equal(ear.heard.at(-1), 'back');
  });

  suite.itWith(['failure', 'gap'], 'whoever listens is told by gap that a failure may have cost messages', async () => {
    await using opened = await open();
    const { store } = opened;
    const told = Promise.withResolvers<void>();
    let gaps = 0;
    const gap = (): void => {
      gaps += 1;
      told.resolve();
    };
    await store.subscribe('news', { message: () => undefined, gap });
    await idle();
    const before = gaps;
    await failedAndBack(store);
    for (const [, run] of OPERATIONS) await inTime(run(store), 'an operation after the failure');
    if (gaps === before) await inTime(told.promise, 'a call of "gap" after the failure');
  });

  suite.itWith(['failure'], 'records that a failure has taken are told of by lives', async () => {
    await using opened = await open();
    const { store } = opened;
    await store.put('key', { value: 1 });
    const { lives } = store;
    await failedAndBack(store);
    const found = await inTime(store.get('key'), 'reading after the failure');
    if (found || (store.lives ?? 1) > (lives ?? 1)) return;
    assert.fail(`a record is gone after the failure, and "lives" is ${String(store.lives)} as before`);
  });

  suite.itWith(['failure'], 'gives no revision twice that was given before a failure', async () => {
    await using opened = await open();
    const { store } = opened;
    const seen: unknown[] = [];
    const write = async (): Promise<void> => {
      for (let round = 0; round < 5; round += 1) {
        await store.put('key', { value: round });
        seen.push((await store.get('key'))?.revision);
      }
    };
    await write();
    await failedAndBack(store);
    await inTime(write(), 'writing after the failure');
    assert.equal(new Set(seen).size, seen.length, `revisions ${seen.join(', ')}, the second half after the failure`);
  });

  suite.it('a store that is closing or closed rejects every operation with GATEWAY_STATE', async () => {
    for (const [name, run] of OPERATIONS) {
      await using opened = await open();
      const { store } = opened;
      const closing = store.close();
      await rejected(name, run(store), 'while the store closes');
      await inTime(closing, 'the close');
      await rejected(name, run(store), 'after the close');
    }
  });

  suite.it('nothing is heard after the close', async () => {
    await using opened = await open();
    const { store } = opened;
    const ear = new Ear();
    const end = await store.subscribe('news', ear);
    const under = store.publish('news', 1);
    const closing = store.close();
    const heard = ear.heard.length;
    await inTime(Promise.allSettled([under, closing]), 'the message under way and the close');
    await idle();
    assert.equal(ear.heard.length, heard, 'messages after the close');
    await inTime(end(), 'ending a subscription of a closed store');
  });

  suite.it('close can be called again', async () => {
    await using opened = await open();
    const { store } = opened;
    await inTime(Promise.all([store.close(), store.close()]), 'two closes');
    await inTime(store.close(), 'a third close');
  });
}

async function failedAndBack(store: StateStoreSubject): Promise<void> {
  await inTime(store.fail?.() ?? Promise.resolve(), 'taking the store away');
  const asked = Promise.allSettled([store.get('key')]);
  await idle();
  await inTime(store.recover?.() ?? Promise.resolve(), 'giving the store back');
  await inTime(asked, 'what was asked while the store failed');
}

async function rejected(name: string, operation: Promise<unknown>, when: string): Promise<void> {
  const outcome = await inTime(
    operation.then(
      () => 'it resolved',
      (error: unknown) => (error as { code?: unknown } | undefined)?.code ?? String(error),
    ),
    `"${name}" ${when}`,
  );
  assert.equal(outcome, 'GATEWAY_STATE', `"${name}" ${when}`);
}
