import { posix } from 'node:path';

/** Encodings within encodings that are undone. */
const MOST_LAYERS = 4;

/** What stands before the path of an address, where it has a host. */
const BEFORE_PATH = /^[^/]*:\/\/[^/]*/;

/**
 * An address as servers may read it: without `.` and `..`, percent-encodings, a user's name, capitals of scheme and host, and slashes that stand beside others; and where
 * a `?` or `#` is in it, as those read it to whom everything behind the host is a path. Servers differ in what they undo, so a pattern that denies has to hold for
 * any form, and one that allows for all. Source: RFC 3986, 6.2.2.
 */
export function plainAddresses(uri: string): readonly string[] {
  let plain = uri;
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const url = URL.parse(plain);
    if (url) Object.assign(url, { username: '', password: '' });
    const next = decoded(url?.href ?? plain);
    if (next === plain) break;
    plain = next;
  }
  const forms = [withSingleSlashes(plain)];
  return /[?#]/.test(plain) ? [...forms, asPath(plain)] : forms;
}

/** The same of a pattern, whose `*` stand for what is not there yet. */
export function plainPattern(pattern: string): string {
  const plain = decoded(pattern).replace(BEFORE_PATH, (start) => start.toLowerCase().replace(/\/\/.*@/, '//'));
  return withSingleSlashes(plain);
}

/** File systems read several slashes as one. */
function withSingleSlashes(address: string): string {
  const start = BEFORE_PATH.exec(address)?.[0] ?? '';
  return start + address.slice(start.length).replace(/\/{2,}/g, '/');
}

/** As file systems read what stands behind the host, whatever is in it. */
function asPath(address: string): string {
  const start = BEFORE_PATH.exec(address)?.[0] ?? '';
  return start + posix.normalize(address.slice(start.length).replaceAll('\\', '/'));
}

/** What is no encoding stays. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
