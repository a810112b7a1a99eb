import { describe, expect, test } from 'vitest';
import type { WitResult } from '../../src/component/host-function.ts';
import { KeyValueStores, noKeyValue } from '../../src/component/key-value.ts';

const MIB = 1_048_576;
const STORE = 'wasi:keyvalue/store';
const FULL = { tag: 'err', val: { tag: 'other', val: 'the stores of this server hold 16 MiB at most' } };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The functions of one guest by their names, as its instances call them. */
function openStores() {
  const { interfaces } = new KeyValueStores();
  const functions = Object.assign({}, ...Object.values(interfaces)) as Record<
    string,
    (...args: unknown[]) => WitResult
  >;
  const call = (name: string, ...args: unknown[]): WitResult =>
    (functions[name] ?? functions[`[method]bucket.${name}`])?.(...args) as WitResult;
  return { call, open: (name: string) => call('open', name).val };
}

describe('keys and values in memory', () => {
  test('are the same for whoever opens a store of that name, and for nobody else', () => {
    const { call, open } = openStores();
    expect(call('set', open('a'), 'k', bytes('v'))).toEqual({ tag: 'ok' });
    expect(call('get', open('a'), 'k')).toEqual({ tag: 'ok', val: bytes('v') });
    expect(call('exists', open('a'), 'k')).toEqual({ tag: 'ok', val: true });
    expect(call('get', open(''), 'k')).toEqual({ tag: 'ok', val: undefined });
    expect(call('delete', open('a'), 'k')).toEqual({ tag: 'ok' });
    expect(call('exists', open('a'), 'k')).toEqual({ tag: 'ok', val: false });
  });

  test('are copies of what the guest has', () => {
    const { call, open } = openStores();
    const mine = bytes('v');
    call('set', open(''), 'k', mine);
    mine.fill(0);
    expect(call('get', open(''), 'k').val).toEqual(bytes('v'));
  });

  test('are set, given and deleted many at once', () => {
    const { call, open } = openStores();
    const store = open('');
    call('set-many', store, [
      ['a', bytes('1')],
      ['__proto__', bytes('2')],
    ]);
    const found = [['__proto__', bytes('2')], undefined, ['a', bytes('1')]];
    expect(call('get-many', store, ['__proto__', 'none', 'a'])).toEqual({ tag: 'ok', val: found });
    call('delete-many', store, ['a', 'none']);
    expect(call('list-keys', store, undefined).val).toEqual({ keys: ['__proto__'], cursor: undefined });
  });

  test('are listed a thousand at a time', () => {
    const { call, open } = openStores();
    const store = open('');
    const keys = Array.from({ length: 1_500 }, (_, index) => `k${index}`);
    for (const key of keys) call('set', store, key, bytes(''));
    const first = call('list-keys', store, undefined).val as { keys: string[]; cursor: bigint };
    const second = call('list-keys', store, first.cursor).val as typeof first;
    expect([...first.keys, ...second.keys]).toEqual(keys);
    expect(second.cursor).toBeUndefined();
    expect(call('list-keys', store, 2n ** 64n - 1n).val).toEqual({ keys: [], cursor: undefined });
  });

  test('count in digits, up to what 64 bits hold', () => {
    const { call, open } = openStores();
    const store = open('');
    expect(call('increment', store, 'n', 3n)).toEqual({ tag: 'ok', val: 3n });
    expect(call('increment', store, 'n', 2n ** 64n - 4n)).toEqual({ tag: 'ok', val: 2n ** 64n - 1n });
    expect(call('get', store, 'n').val).toEqual(bytes(`${2n ** 64n - 1n}`));
    expect(call('increment', store, 'n', 1n)).toMatchObject({ val: { val: expect.stringContaining('64 bits') } });
    call('set', store, 'n', bytes('many'));
    expect(call('increment', store, 'n', 1n)).toMatchObject({ val: { val: 'the value of "n" is no number' } });
  });

  test('hold so much, all stores together: what would be more fails, all of it, and what is deleted makes room', () => {
    const { call, open } = openStores();
    const large = new Uint8Array(9 * MIB);
    expect(call('set', open('a'), 'k', large)).toEqual({ tag: 'ok' });
    expect(call('set', open('a'), 'k', large)).toEqual({ tag: 'ok' });
    const both = [
      ['small', bytes('v')],
      ['large', large],
    ];
    expect(call('set-many', open('b'), both)).toEqual(FULL);
    expect(call('exists', open('b'), 'small').val).toBe(false);
    call('delete', open('a'), 'k');
    expect(call('set-many', open('b'), both)).toEqual({ tag: 'ok' });
    expect(call('open', 'x'.repeat(8 * MIB))).toEqual(FULL);
  });

  test('are denied where none are granted', () => {
    const open = noKeyValue[STORE]?.open as () => WitResult;
    expect(open()).toEqual({ tag: 'err', val: { tag: 'access-denied' } });
  });
});
