// What counts as part of a word, decided by ranges: Unicode's own tables would be larger than the rest of the plugin.

/** A letter, digit or combining mark of any script; an underscore too. Punctuation, symbols and emoji are none. */
export function isWordCharacter(code: i32): bool {
  if (code < 0x80) {
    const lower = code | 0x20;
    return (lower >= 0x61 && lower <= 0x7a) || isDigit(code) || code == 0x5f;
  }
  if (code < 0xc0) return code == 0xaa || code == 0xb5 || code == 0xba;
  if (code == 0xd7 || code == 0xf7) return false;
  if (code < 0x2000) return true;
  if (code < 0x2c00) return (code >= 0x2070 && code <= 0x209c) || (code >= 0x2102 && code <= 0x2188); // symbols, arrows
  if (code < 0x2e80) return code < 0x2e00;
  if (code <= 0x3004 || (code >= 0x3008 && code <= 0x3020) || code == 0x3030) return false; // CJK punctuation
  if (code >= 0xd800 && code <= 0xf8ff) return false; // lone surrogates, private use
  if (code >= 0xfe10 && code <= 0xfe6f) return false; // variation selectors, small forms
  if (code >= 0xff00 && code <= 0xffef) return isFullWidthLetter(code);
  return code < 0x1f000 || code >= 0x20000;
}

/** One character that readers count as one word: Chinese and Japanese are written without spaces. */
export function isIdeograph(code: i32): bool {
  return (
    (code >= 0x3041 && code <= 0x30ff && code != 0x30fb) ||
    (code >= 0x3400 && code <= 0x9fff) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0x20000 && code <= 0x3ffff)
  );
}

/** Takes two columns in a fixed-width font. */
export function isWide(code: i32): bool {
  return (
    isIdeograph(code) ||
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xff01 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff)
  );
}

/** Invisible: joins or changes the character before it. */
export function isCombining(code: i32): bool {
  return (code >= 0x300 && code <= 0x36f) || code == 0x200d || (code >= 0xfe00 && code <= 0xfe0f);
}

export function isDigit(code: i32): bool {
  return code >= 0x30 && code <= 0x39;
}

export function isSpace(code: i32): bool {
  return code == 0x20 || (code >= 0x09 && code <= 0x0d) || code == 0xa0 || code == 0x2028 || code == 0x2029 || code == 0x3000;
}

/** The UTF-16 units that a code point takes. */
export function unitsOf(code: i32): i32 {
  return code > 0xffff ? 2 : 1;
}

function isFullWidthLetter(code: i32): bool {
  return (
    (code >= 0xff10 && code <= 0xff19) ||
    (code >= 0xff21 && code <= 0xff3a) ||
    (code >= 0xff41 && code <= 0xff5a) ||
    (code >= 0xff66 && code <= 0xffdc)
  );
}
