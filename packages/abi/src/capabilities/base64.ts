const CODES = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PADDING = 0x3d;

const decoder = new TextDecoder();

/** Base64 with padding, in the thread of whoever else is served: engines that have it of their own are five times as fast. Source: RFC 4648 §4. */
export function toBase64(bytes: Uint8Array & { toBase64?(): string }): string {
  return bytes.toBase64?.() ?? toBase64Anywhere(bytes);
}

/** The same without anything of the engine's own. */
export function toBase64Anywhere(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let from = 0; from < bytes.length; from += 3) {
    const three = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    text[at++] = CODES[three >> 18] as number;
    text[at++] = CODES[(three >> 12) & 63] as number;
    text[at++] = CODES[(three >> 6) & 63] as number;
    text[at++] = CODES[three & 63] as number;
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  if (missing > 0) text.fill(PADDING, at - missing);
  return decoder.decode(text);
}

/** The bytes of a base64 text; `undefined` when it is not base64. White space is skipped, padding may be missing. */
export function fromBase64(text: string): Uint8Array | undefined {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
