import assert from 'node:assert/strict';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { Ear } from './state-store-channels.ts';
import { OPERATIONS, type StateStorePart } from './state-store-subject.ts';

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
