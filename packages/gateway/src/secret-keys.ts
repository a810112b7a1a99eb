/** Bytes of every key: of AES-256, and as many as SHA-256 gives. */
const KEY_BYTES = 32;

/** What stands where a key should, as a part of a sentence; it says nothing of the text. */
export interface NoKey {
  readonly seen: string;
}

/**
 * Reads keys from a text: 32 bytes each, in Base64 or Base64url, with spaces, commas or lines between them; a line that begins with `#` says nothing.
 */
export function secretKeys(text: string): readonly (Buffer | NoKey)[] {
  return text
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => line.split(/[\s,]+/))
    .filter((word) => word !== '')
    .map((word) => {
      const bytes = Buffer.from(word, 'base64');
      const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(word);
      if (isBase64 && bytes.length === KEY_BYTES) return bytes;
      const seen = isBase64 ? `${bytes.length} bytes` : `a text of ${word.length} characters that is no Base64`;
      return { seen: `is to be ${KEY_BYTES} bytes in Base64, and is ${seen}` };
    });
}
