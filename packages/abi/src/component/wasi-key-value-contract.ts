const ERROR = 'variant{no-such-store, access-denied, other(string)}';

/** The package of WASI that has stores of keys and values. */
export const KEY_VALUE_PACKAGE = 'wasi:keyvalue/';

/** `wasi:keyvalue` 0.2.0-draft, which runtimes agree on; later drafts have other types. */
export const WASI_KEY_VALUE_CONTRACT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'wasi:keyvalue/store': {
    open: `(string) -> result<bucket, ${ERROR}>`,
    '[method]bucket.get': `(borrow<bucket>, string) -> result<option<list<u8>>, ${ERROR}>`,
    '[method]bucket.set': `(borrow<bucket>, string, list<u8>) -> result<_, ${ERROR}>`,
    '[method]bucket.delete': `(borrow<bucket>, string) -> result<_, ${ERROR}>`,
    '[method]bucket.exists': `(borrow<bucket>, string) -> result<bool, ${ERROR}>`,
    '[method]bucket.list-keys': `(borrow<bucket>, option<u64>) -> result<record{keys: list<string>, cursor: option<u64>}, ${ERROR}>`,
  },
  'wasi:keyvalue/batch': {
    'get-many': `(borrow<bucket>, list<string>) -> result<list<option<tuple<string, list<u8>>>>, ${ERROR}>`,
    'set-many': `(borrow<bucket>, list<tuple<string, list<u8>>>) -> result<_, ${ERROR}>`,
    'delete-many': `(borrow<bucket>, list<string>) -> result<_, ${ERROR}>`,
  },
  'wasi:keyvalue/atomics': {
    increment: `(borrow<bucket>, string, u64) -> result<u64, ${ERROR}>`,
  },
};
