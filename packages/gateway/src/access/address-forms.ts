/** Encodings within encodings that are undone. */
const MOST_LAYERS = 4;

/**
 * An address as a server may read it: without `.` and `..`, percent-encodings, a user's name and capitals of scheme and host. Servers differ in what they undo, so a
 * pattern that denies has to hold for either form, and one that allows for both. Source: RFC 3986, 6.2.2.
 */
export function plainAddress(uri: string): string {
  let plain = uri;
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const url = URL.parse(plain);
    if (url) Object.assign(url, { username: '', password: '' });
    const next = decoded(url?.href ?? plain);
    if (next === plain) break;
    plain = next;
  }
  return plain;
}

/** The same of a pattern, whose `*` stand for what is not there yet. */
export function plainPattern(pattern: string): string {
  return decoded(pattern).replace(/^[^/]*:\/\/[^/]*/, (start) => start.toLowerCase().replace(/\/\/.*@/, '//'));
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
