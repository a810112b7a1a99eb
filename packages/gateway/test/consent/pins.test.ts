import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EMPTY_OFFER, type Offer } from '../../src/catalog/offer.ts';
import type { PinsSection } from '../../src/config/pins-section.ts';
import { Pins } from '../../src/consent/pins.ts';
import { silentLogger } from '../../src/logger.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { StateError } from '../../src/state/state-error.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { wrapped } from '../state/wrapped-store.ts';

/** An offer of tools, `name:description`. */
function offerOf(...tools: readonly string[]): Offer {
  return {
    ...EMPTY_OFFER,
    tools: tools.map((tool) => {
      const [name = '', description = 'Does it'] = tool.split(':');
      return ObjectText.from({ name, description, inputSchema: { type: 'object' } });
    }),
  };
}

const shown = ({ tools }: Offer): readonly string[] =>
  tools.map((tool) => `${tool.text('name')}:${tool.text('description')}`);

let store: StateStore;
let folder: string;

beforeEach(async () => {
  store = createMemoryStore({ now: () => 0 });
  folder = await mkdtemp(join(tmpdir(), 'lockgate-pins-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** The pins of one gateway, whose server "it" offers what `offer` says. */
class Gateway {
  offer: Offer = offerOf('add');
  readonly pins: Pins;
  readonly #changes: (() => void)[] = [];

  constructor({ at = store, ...section }: Partial<PinsSection> & { readonly at?: StateStore } = {}) {
    this.pins = new Pins({
      store: at,
      logger: silentLogger,
      offers: () => [{ server: 'it', offer: this.offer }],
      onChange: () => this.#changes.shift()?.(),
    });
    this.pins.apply({ mode: 'first-use', ...section });
  }

  /** The next change of what is withheld. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#changes.push(resolve));
  }

  async names(): Promise<readonly string[]> {
    return shown(await this.pins.admit('it', this.offer));
  }

  async approveAll(): Promise<void> {
    const { withheld } = await this.pins.report();
    await this.pins.approve(withheld.map(({ digest = '', ...item }) => ({ ...item, digest })));
  }

  async withheld(): Promise<readonly string[]> {
    const { withheld } = await this.pins.report();
    return withheld.map(({ name, because, isOffered }) => `${name} ${because}${isOffered ? '' : ', gone'}`);
  }
}

describe('gateways that share a store', () => {
  test('serve what one of them has approved, as soon as they are told', async () => {
    const [one, other] = [new Gateway(), new Gateway()];
    expect([await one.names(), await other.names()]).toEqual([['add:Does it'], ['add:Does it']]);
    one.offer = offerOf('add:Does it well');
    other.offer = one.offer;
    expect([await one.names(), await other.names()]).toEqual([[], []]);
    const told = other.changed();
    await one.approveAll();
    await told;
    expect(await other.names()).toEqual(['add:Does it well']);
    const forgotten = one.changed();
    await other.pins.forget([{ server: 'it', kind: 'tool', name: 'add' }]);
    await forgotten;
    expect([await one.names(), await other.names()]).toEqual([[], []]);
    expect(await one.withheld()).toEqual(['add new']);
  });

  test('have one first sight of a server, whichever offer comes first', async () => {
    for (let n = 0; n < 50; n++) {
      store = createMemoryStore({ now: () => 0 });
      const all = [new Gateway(), new Gateway()];
      all.forEach((one, index) => {
        one.offer = offerOf(`add:${index}`);
      });
      const first = await Promise.all((n % 2 === 0 ? all : all.toReversed()).map((one) => one.names()));
      expect(first.flat()).toHaveLength(1);
      expect((await Promise.all(all.map((one) => one.names()))).flat()).toEqual(first.flat());
    }
  });

  test('lose no approval when they approve at the same time', async () => {
    const all = [new Gateway({ mode: 'manual' }), new Gateway({ mode: 'manual' })];
    const [one, other] = all as [Gateway, Gateway];
    one.offer = offerOf('a', 'b');
    other.offer = one.offer;
    await Promise.all(all.map((each) => each.names()));
    const [a, b] = (await one.pins.report()).withheld;
    await Promise.all([
      one.pins.approve([{ server: 'it', kind: 'tool', name: 'a', digest: a?.digest ?? '' }]),
      other.pins.approve([{ server: 'it', kind: 'tool', name: 'b', digest: b?.digest ?? '' }]),
    ]);
    const later = new Gateway({ mode: 'manual' });
    later.offer = one.offer;
    expect(await later.names()).toEqual(['a:Does it', 'b:Does it']);
  });

  test('read again what they may have missed', async () => {
    let hear: { gap?(): void } = {};
    const deaf: StateStore = {
      ...wrapped(store, async () => {}),
      subscribe: async (_channel, listener) => {
        hear = listener;
        return async () => {};
      },
    };
    const [one, other] = [new Gateway(), new Gateway({ at: deaf })];
    await one.names();
    one.offer = offerOf('add:Does it well');
    other.offer = one.offer;
    await other.names();
    await one.names();
    await one.approveAll();
    expect(await other.names()).toEqual([]);
    const changed = other.changed();
    hear.gap?.();
    await changed;
    expect(await other.names()).toEqual(['add:Does it well']);
  });
});

describe('a file of pins', () => {
  test('is carried over to a store that knows nothing, so that nothing is seen for the first time again', async () => {
    const file = join(folder, 'pins.json');
    expect(await new Gateway({ file }).names()).toEqual(['add:Does it']);
    store = createMemoryStore({ now: () => 0 });
    const anew = new Gateway({ file });
    anew.offer = offerOf('add:Steals', 'sum');
    expect(await anew.names()).toEqual([]);
    const without = new Gateway();
    without.offer = offerOf('add:Steals');
    expect(await without.names()).toEqual([]);
  });

  test('gives way to the store, and says from then on what the store does', async () => {
    const [file, others] = [join(folder, 'pins.json'), join(folder, 'others.json')];
    await new Gateway({ file }).names();
    store = createMemoryStore({ now: () => 0 });
    const first = new Gateway({ file: others });
    first.offer = offerOf('add:Does it well');
    await first.names();
    const second = new Gateway({ file });
    expect(await second.names()).toEqual([]);
    expect(await readFile(file, 'utf8')).toBe(await readFile(others, 'utf8'));
  });

  test('that is a lock file has nothing to do with the store', async () => {
    const file = join(folder, 'pins.json');
    await new Gateway().names();
    expect(await new Gateway({ mode: 'lockfile', file }).names()).toEqual([]);
    const operations: string[] = [];
    const seen = wrapped(store, async (operation) => void operations.push(operation));
    await new Gateway({ mode: 'lockfile', file, at: seen }).names();
    expect(operations).toEqual([]);
  });
});

test('nothing of a server is served while the store cannot say what is approved, and all of it after', async () => {
  let isGone = true;
  const shaky = wrapped(store, async () => {
    if (isGone) throw new StateError({ kind: 'unreachable', reason: 'ECONNREFUSED' });
  });
  const file = join(folder, 'pins.json');
  const gateway = new Gateway({ at: shaky, file });
  await expect(gateway.names()).rejects.toMatchObject({ code: 'GATEWAY_STATE' });
  isGone = false;
  expect(await gateway.names()).toEqual(['add:Does it']);
  // What is known is not asked for again.
  isGone = true;
  expect(await gateway.names()).toEqual(['add:Does it']);
  gateway.offer = offerOf('add:Does it well');
  expect(await gateway.names()).toEqual([]);
  const before = await readFile(file, 'utf8');
  await expect(gateway.approveAll()).rejects.toMatchObject({ code: 'GATEWAY_STATE' });
  expect(await gateway.names()).toEqual([]);
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('a record whose definition was changed approves nothing, also of what is seen first, and is not written over', async () => {
  await new Gateway().names();
  const key = 'pins:["it"]';
  const spoilt = JSON.parse(JSON.stringify((await store.get(key))?.value).replace('Does it', 'Steals'));
  await store.put(key, { value: spoilt });
  const gateway = new Gateway();
  gateway.offer = offerOf('add:Steals');
  expect(await gateway.names()).toEqual([]);
  expect((await gateway.pins.report()).failure).toMatch(/digest that does not fit.*lockgate pins write/);
  await expect(gateway.approveAll()).rejects.toMatchObject({ code: 'GATEWAY_PINS' });
  expect((await store.get(key))?.value).toEqual(spoilt);
  await gateway.pins.rewrite();
  expect(await gateway.names()).toEqual(['add:Steals']);
});

test('what is no longer offered is told as such, and is forgotten when somebody says so', async () => {
  const gateway = new Gateway();
  await gateway.names();
  gateway.offer = offerOf('add', 'sum');
  await gateway.names();
  gateway.offer = offerOf('add:Does it well');
  expect(await gateway.withheld()).toEqual(['sum new, gone', 'add changed']);
  gateway.offer = EMPTY_OFFER;
  // It is down, which says nothing.
  expect(await gateway.withheld()).toEqual(['sum new', 'add changed']);
  gateway.offer = offerOf('add');
  await gateway.pins.forget([{ server: 'it', kind: 'tool', name: 'sum' }]);
  expect(await gateway.withheld()).toEqual([]);
  expect(await gateway.names()).toEqual(['add:Does it']);
  await expect(gateway.pins.forget([{ server: 'it', kind: 'tool', name: 'other' }])).rejects.toThrow(
    /Nothing is remem/,
  );
});

describe('a server that means to slip something through', () => {
  /** What is served of other offers once `add` and `sum` are pinned. */
  async function servedOf(...tools: readonly string[]): Promise<readonly string[]> {
    const gateway = new Gateway();
    gateway.offer = offerOf('add', 'sum:Sums');
    await gateway.names();
    gateway.offer = offerOf(...tools);
    return gateway.names();
  }

  test.each<[string, readonly string[], readonly string[]]>([
    ['a name twice, the approved one last', ['add:Steals', 'add', 'sum:Sums'], ['sum:Sums']],
    ['a name twice, the approved one first', ['add', 'add:Steals', 'sum:Sums'], ['sum:Sums']],
    ['two names exchanged', ['add:Sums', 'sum:Does it'], []],
    ['an approved definition under another name', ['add', 'sum:Sums', 'add_all'], ['add:Does it', 'sum:Sums']],
    ['a name in other letters', ['ADD', 'sum:Sums'], ['sum:Sums']],
  ])('does not with %s', async (_name, offered, served) => {
    expect(await servedOf(...offered)).toEqual(served);
  });

  test('does not by what it is called in the configuration: another server has pins of its own', async () => {
    const gateway = new Gateway({ mode: 'manual' });
    await gateway.names();
    await gateway.approveAll();
    expect(await gateway.names()).toEqual(['add:Does it']);
    expect(shown(await gateway.pins.admit('other', offerOf('add')))).toEqual([]);
  });
});
