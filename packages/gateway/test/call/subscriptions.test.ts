import { describe, expect, test, vi } from 'vitest';
import type { Served } from '../../src/call/served.ts';
import { type Subscriber, Subscriptions } from '../../src/call/subscriptions.ts';
import { ceilingCounts } from '../../src/ceilings.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Peer } from '../../src/protocol/peer.ts';
import type { Upstream, Watch } from '../../src/upstream/upstream.ts';
import { fakeExchange } from './fake-exchange.ts';
import { openFrames } from './open-frames.ts';

const { peer } = fakeExchange('legacy');
const SOURCE = {};

/** Who subscribes, and where it reads. */
function by(client: string, who: Peer = peer, ownerOf: () => Upstream | undefined = () => undefined): Subscriber {
  return { client, peer: who, endpoint: { catalog: () => ({ ownerOf: () => ({ upstream: ownerOf() }) }) as never } };
}

/** A server that answers when the test says so. */
function server() {
  const asked: (PromiseWithResolvers<Watch> & { readonly cancellation: Cancellation })[] = [];
  const release = vi.fn();
  const watch: Upstream['watch'] = (_uri, _peer, cancellation) => {
    const request = { ...Promise.withResolvers<Watch>(), cancellation };
    cancellation.onCancel(request.reject);
    asked.push(request);
    return request.promise;
  };
  const upstream = { watch } as Upstream;
  const subscriptions = new Subscriptions(openFrames());
  const add = (cancellation = new Cancellation()): Promise<unknown> =>
    subscriptions.add(by('k'), { upstream } as Served, 'x:1', cancellation).catch((error: unknown) => error);
  const take = (): void => asked.at(-1)?.resolve({ source: SOURCE, release });
  const isHeard = (): boolean => subscriptions.has('k', upstream, 'x:1', SOURCE);
  return { subscriptions, asked, release, add, take, isHeard };
}

test('a client that asks twice waits for the one answer, and is refused twice', async () => {
  const { asked, add, isHeard } = server();
  const both = [add(), add()];
  const refusal = new Error('no');
  asked[0]?.reject(refusal);
  expect(await Promise.all(both)).toEqual([refusal, refusal]);
  expect(isHeard()).toBe(false);
  void add();
  expect(asked).toHaveLength(2);
});

test('a client that cancels one of two requests is subscribed by the other', async () => {
  const { add, take, isHeard, subscriptions, release } = server();
  const cancellation = new Cancellation();
  const [first, second] = [add(cancellation), add()];
  const reason = new Error('cancelled');
  cancellation.cancel(reason);
  expect(await first).toBe(reason);
  take();
  expect(await second).toBeUndefined();
  expect(isHeard()).toBe(true);
  await subscriptions.remove('k', peer, 'x:1', new Cancellation());
  await expect.poll(() => release).toHaveBeenCalledOnce();
});

test('a client that cancels its only request is not subscribed, and the server is not waited for', async () => {
  const { add, asked, isHeard } = server();
  const cancellation = new Cancellation();
  const asking = add(cancellation);
  cancellation.cancel(new Error('cancelled'));
  await asking;
  expect(asked[0]?.cancellation.cancelled).toBe(true);
  expect(isHeard()).toBe(false);
});

test('what the server takes on in the moment in which its client cancels is ended', async () => {
  const { add, take, release, isHeard } = server();
  const cancellation = new Cancellation();
  const asking = add(cancellation);
  take();
  cancellation.cancel(new Error('cancelled'));
  await asking;
  await expect.poll(() => release).toHaveBeenCalledOnce();
  expect(isHeard()).toBe(false);
});

test('a client that subscribes again and cancels that stays subscribed', async () => {
  const { add, take, isHeard } = server();
  const first = add();
  take();
  await first;
  const cancellation = new Cancellation();
  const again = add(cancellation);
  cancellation.cancel(new Error('cancelled'));
  await again;
  expect(isHeard()).toBe(true);
});

test('a client that has gone before is not subscribed', async () => {
  const { add, asked } = server();
  const cancellation = new Cancellation();
  cancellation.cancel(new Error('gone'));
  await add(cancellation);
  expect(asked).toEqual([]);
});

test('a client may subscribe to a thousand resources, and to none with an endless address', async () => {
  const { subscriptions, asked } = server();
  const upstream = { watch: async () => ({ source: SOURCE, release: () => {} }) } as unknown as Upstream;
  const add = (uri: string): Promise<void> =>
    subscriptions.add(by('k'), { upstream } as Served, uri, new Cancellation());
  const reached = ceilingCounts.get('subscriptions') ?? 0;
  await expect(add(`x:${'y'.repeat(16_384)}`)).rejects.toThrow("'uri' has 16386 characters");
  for (let n = 0; n < 1_000; n++) await add(`x:${n}`);
  await add('x:7'); // again
  await expect(add('x:1000')).rejects.toThrow('a client may subscribe to 1000 resources');
  await subscriptions.remove('k', peer, 'x:7', new Cancellation());
  await add('x:1000');
  expect(asked).toEqual([]);
  expect(ceilingCounts.get('subscriptions')).toBe(reached + 2);
});

test('a client hears that it is subscribed, or no longer, when that is noted, and is not where it cannot be', async () => {
  const { subscriptions, asked, isHeard, release } = server();
  const noted: (PromiseWithResolvers<void> & { readonly what: string })[] = [];
  const noting = {
    ...peer,
    noteSubscription: (uri: string, isOn: boolean) => {
      const note = { ...Promise.withResolvers<void>(), what: `${uri} ${isOn}` };
      noted.push(note);
      return note.promise;
    },
  };
  const upstream = { watch: (...given: Parameters<Upstream['watch']>) => watched(...given) } as Upstream;
  const watched: Upstream['watch'] = async () => ({ source: SOURCE, release });
  const served = { upstream } as Served;
  const add = () => subscriptions.add(by('k', noting), served, 'x:1', new Cancellation());

  const first = vi.fn();
  const adding = add().then(first);
  await expect.poll(() => noted.map(({ what }) => what)).toEqual(['x:1 true']);
  expect(first).not.toHaveBeenCalled();
  noted[0]?.resolve();
  await adding;
  expect(subscriptions.has('k', upstream, 'x:1')).toBe(true);

  const removing = subscriptions.remove('k', noting, 'x:1', new Cancellation());
  await expect.poll(() => noted[1]?.what).toBe('x:1 false');
  expect(release).not.toHaveBeenCalled();
  noted[1]?.resolve();
  await removing;
  await expect.poll(() => release).toHaveBeenCalledOnce();

  const lost = new Error('the state store is away');
  const failing = add();
  await expect.poll(() => noted).toHaveLength(3);
  noted[2]?.reject(lost);
  await expect(failing).rejects.toBe(lost);
  expect(subscriptions.has('k', upstream, 'x:1')).toBe(false);
  expect([asked, isHeard()]).toEqual([[], false]);
});

describe('a subscription follows the reads', () => {
  /** Two servers that have the resource; the client is subscribed at the later one, and reads at the earlier one from now on. */
  async function moving() {
    const [released, asked] = [[] as string[], [] as PromiseWithResolvers<Watch>[]];
    const later = {
      watch: async () => ({ source: { of: 'later' }, release: () => void released.push('later') }),
    } as unknown as Upstream;
    const earlier = {
      watch: (_uri, _peer, cancellation) => {
        const answer = Promise.withResolvers<Watch>();
        cancellation.onCancel(answer.reject);
        asked.push(answer);
        return answer.promise;
      },
    } as Upstream;
    const source = { of: 'earlier' };
    const subscriptions = new Subscriptions(openFrames());
    await subscriptions.add(
      by('k', peer, () => earlier),
      { upstream: later } as Served,
      'x:1',
      new Cancellation(),
    );
    const heard = (): string =>
      [later, earlier].map((one) => (subscriptions.has('k', one, 'x:1') ? 'x' : '-')).join('');
    const take = (): void => asked[0]?.resolve({ source, release: () => void released.push('earlier') });
    return { subscriptions, later, earlier, source, asked, released, heard, take };
  }

  test('to a server that is before it and comes back: both are heard until it is there, then that one alone', async () => {
    const { subscriptions, earlier, source, asked, released, heard, take } = await moving();
    expect(heard()).toBe('x-');
    const following = subscriptions.follow(earlier);
    await expect.poll(() => asked.length).toBe(1);
    void subscriptions.follow(earlier); // asked once, however often it says that it has changed
    expect([heard(), released]).toEqual(['xx', []]);
    take();
    await following;
    await expect.poll(() => released).toEqual(['later']);
    expect(heard()).toBe('-x');
    expect([subscriptions.has('k', earlier, 'x:1', source), subscriptions.has('k', earlier, 'x:1', {})]).toEqual([
      ...[true, false],
    ]);
    expect(asked).toHaveLength(1);
    await subscriptions.remove('k', peer, 'x:1', new Cancellation());
    await expect.poll(() => released).toEqual(['later', 'earlier']);
  });

  test('nowhere where the server refuses, or another is read', async () => {
    const { subscriptions, earlier, later, asked, released, heard } = await moving();
    const following = subscriptions.follow(earlier);
    await expect.poll(() => asked.length).toBe(1);
    asked[0]?.reject(new Error('no'));
    await following;
    await subscriptions.follow(later);
    await subscriptions.follow({} as Upstream);
    expect([heard(), released, asked.length]).toEqual(['x-', [], 1]);
  });

  test.each(['leaves the resource', 'has gone'])('nowhere where the client %s meanwhile', async (what) => {
    const { subscriptions, earlier, asked, released, heard } = await moving();
    const following = subscriptions.follow(earlier);
    await expect.poll(() => asked.length).toBe(1);
    if (what === 'has gone') subscriptions.forget('k');
    else await subscriptions.remove('k', peer, 'x:1', new Cancellation());
    await following;
    await expect.poll(() => released).toEqual(['later']);
    expect(heard()).toBe('--');
  });
});
