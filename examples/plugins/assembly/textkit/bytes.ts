/** The text's UTF-8 bytes; a lone surrogate, which has none, becomes U+FFFD. */
export function utf8Of(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE));
}

/** Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
export function isUtf8(bytes: Uint8Array): bool {
  for (let i = 0; i < bytes.length; ) {
    const lead = <u32>bytes[i];
    const length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : (lead & 0xf0) == 0xe0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    if (length == 0 || i + length > bytes.length) return false;
    let code = length == 1 ? lead : lead & (0x7f >> length);
    for (let n = 1; n < length; n++) {
      const next = <u32>bytes[i + n];
      if ((next & 0xc0) != 0x80) return false;
      code = (code << 6) | (next & 0x3f);
    }
    if (length == 3 && (code < 0x800 || (code & 0xf800) == 0xd800)) return false;
    if (length == 4 && (code < 0x10000 || code > 0x10ffff)) return false;
    i += length;
  }
  return true;
}

/** Two hexadecimal digits per byte, in lower case. */
export function hexOf(bytes: Uint8Array): string {
  const digits = new Array<string>(bytes.length);
  for (let i = 0; i < bytes.length; i++) digits[i] = bytes[i].toString(16).padStart(2, '0');
  return digits.join('');
}
