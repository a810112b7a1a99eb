import assert from 'node:assert/strict';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import type { StateStorePart, StateStoreSubject } from './state-store-subject.ts';

/** Channels: in order, to everyone who listens, and to nobody who has stopped. */
export function channelTests({ suite, open }: StateStorePart): void {
  suite.it('everyone who listens to a channel hears each publisher in order', async () => {
    await using opened = await open();
    const stores = [opened.store, await opened.another()];
    const ears = [new Ear(), new Ear(), new Ear()];
    for (const [index, ear] of ears.entries()) await (stores[index % 2] ?? opened.store).subscribe('news', ear);
    const elsewhere = new Ear();
    await opened.store.subscribe('News', elsewhere);
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const publish = async (from: string, store = opened.store): Promise<void> => {
      for (const number of numbers) await store.publish('news', { from, number });
    };
    await inTime(Promise.all([publish('a'), publish('b', stores[1])]), 'publishing');
    for (const ear of ears) {
      await inTime(ear.count(2 * numbers.length), 'all messages');
      for (const from of ['a', 'b']) {
        const heard = (ear.heard as { from: string; number: number }[]).filter((message) => message.from === from);
        assert.deepEqual(
          heard.map(({ number }) => number),
          numbers,
        );
      }
    }
    assert.deepEqual(elsewhere.heard, []);
  });

  suite.it('publish says whether anybody may hear it, whichever store listens', async () => {
    await using opened = await open();
    const other = await opened.another();
    assert.equal(await inTime(opened.store.publish('unheard', 1), 'publishing to nobody'), false);
    await other.subscribe('news', new Ear());
    for (const store of [opened.store, other])
      assert.equal(await inTime(store.publish('news', 1), 'publishing to one that listens'), true);
    assert.equal(await inTime(opened.store.publish('unheard', 2), 'publishing to nobody once more'), false);
  });

  suite.it('where nobody listens any more, publish soon says so', async () => {
    await using opened = await open();
    const { store } = opened;
    const other = await opened.another();
    if (await store.publish('unheard', 1)) return; // for the test above to say
    await store.subscribe('elsewhere', new Ear());
    const ends = [await store.subscribe('news', new Ear()), await other.subscribe('news', new Ear())];
    for (const end of ends) await inTime(end(), 'ending a subscription');
    await unheard(store, 'news', 'the last subscription was ended');
    if (other === store) return;
    await other.subscribe('closed', new Ear());
    await inTime(other.close(), 'closing the store that listened');
    await unheard(store, 'closed', 'the one store that listened was closed');
  });

  suite.it('a message is everyone’s own, whatever it holds', async () => {
    await using opened = await open();
    const one = new Ear();
    const two = new Ear();
    for (const ear of [one, two]) await opened.store.subscribe('news 🧵\n', ear);
    const given = { list: ['é\u0000🧵'], none: null };
    await opened.store.publish('news 🧵\n', given);
    given.list.push('later');
    for (const ear of [one, two]) await inTime(ear.count(1), 'the message');
    (one.heard[0] as typeof given).list.push('changed');
    assert.deepEqual(two.heard, [{ list: ['é\u0000🧵'], none: null }]);
  });

  suite.it('nothing is heard once a subscription has been ended', async () => {
    await using opened = await open();
    const { store } = opened;
    const witness = new Ear();
    const ended = new Ear();
    const end = await store.subscribe('news', ended);
    await store.subscribe('news', witness);
    await store.publish('news', 1);
    await inTime(ended.count(1), 'the message before the end');
    const under = store.publish('news', 2);
    const heard = ended.heard.length;
    const ending = end();
    await inTime(Promise.all([under, ending]), 'the message under way and the end');
    await store.publish('news', 3);
    await inTime(witness.count(3), 'the messages for the one that goes on');
    await idle();
    assert.equal(ended.heard.length, heard, 'messages after the end');
    await inTime(end(), 'ending it once more');
    await store.publish('news', 4);
    await inTime(witness.count(4), 'the message after the second end');
  });

  suite.it('a listener that throws hurts nobody, itself included', async () => {
    await using opened = await open();
    const { store } = opened;
    const throwing = new Ear(() => {
      throw new Error(
        'A listener of the state store suite throws this: the store must catch it, also where it delivers later.',
      );
    });
    const other = new Ear();
    await store.subscribe('news', throwing);
    await store.subscribe('news', other);
    for (const number of [1, 2]) await inTime(store.publish('news', number), 'publishing to one that throws');
    await inTime(Promise.all([throwing.count(2), other.count(2)]), 'two messages for both');
    assert.deepEqual(other.heard, [1, 2]);
  });

  suite.it('what an async listener rejects with is heard by the store', async () => {
    await using opened = await open();
    const { store } = opened;
    const error = new Error('An async listener of the state store suite rejects with this: the store must catch it.');
    const rejected: Rejected[] = [];
    const rejecting = new Ear(() => {
      const one = Rejected.of(error);
      rejected.push(one);
      return one;
    });
    const other = new Ear();
    let unhandled = 0;
    const onUnhandled = (reason: unknown): void => {
      if (reason !== error) throw reason;
      unhandled += 1;
    };
    process.on('unhandledRejection', onUnhandled);
    try {
      for (const ear of [rejecting, other]) await store.subscribe('news', ear);
      for (const number of [1, 2]) await inTime(store.publish('news', number), 'publishing to one that rejects');
      await inTime(Promise.all([rejecting.count(2), other.count(2)]), 'two messages for both');
      await idle();
    } finally {
      process.off('unhandledRejection', onUnhandled);
    }
    const left = rejected.filter(({ isHeard }) => !isHeard).length + unhandled;
    assert.equal(left, 0, `rejections of a listener that nobody caught: ${left} of ${rejected.length}`);
  });
}

/** A server may hear of the end over another connection, and so a little later. */
const MAX_PUBLISHED = 2_000;

async function unheard(store: StateStoreSubject, channel: string, since: string): Promise<void> {
  for (let published = 0; published < MAX_PUBLISHED; published += 1) {
    if (!(await inTime(store.publish(channel, published), 'publishing to nobody'))) return;
    await idle(1);
  }
  assert.fail(`publish still resolved to true when ${MAX_PUBLISHED} messages had been published after ${since}`);
}

/** What an async listener gives back. It knows whether the store has taken care of it, and is heard by itself, so that one who has not ends no process. */
class Rejected extends Promise<never> {
  static override readonly [Symbol.species] = Promise;
  isHeard = false;

  static of(error: Error): Rejected {
    const rejected = new Rejected((_, reject) => reject(error));
    Promise.prototype.catch.call(rejected, () => undefined);
    rejected.isHeard = false;
    return rejected;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  override then<T = never, U = never>(
    onFulfilled?: ((value: never) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: unknown) => U | PromiseLike<U>) | null,
  ): Promise<T | U> {
    if (onRejected) this.isHeard = true;
    return super.then(onFulfilled, onRejected);
  }
}

/** Keeps what it hears. */
export class Ear {
  readonly heard: unknown[] = [];
  readonly #then: () => unknown;
  readonly #waiting: { readonly count: number; resolve(): void }[] = [];

  /** @param then - Called after each message; what it gives back is what the store gets. */
  constructor(then: () => unknown = () => undefined) {
    this.#then = then;
  }

  message(message: unknown): unknown {
    this.heard.push(message);
    for (const { count, resolve } of this.#waiting) if (this.heard.length >= count) resolve();
    return this.#then();
  }

  /** Resolves when so many messages have been heard. */
  count(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.heard.length >= count) resolve();
    else this.#waiting.push({ count, resolve });
    return promise;
  }
}
