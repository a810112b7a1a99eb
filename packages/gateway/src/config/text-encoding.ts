type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The text of a file as editors of all systems save it: UTF-8, or UTF-16 that says so; without its byte order mark. */
export function decodeText(bytes: Buffer): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/** A text as the file of these bytes has it: in its encoding, with a byte order mark where it has one. */
export function encodeLike(bytes: Buffer, text: string): Buffer {
  const encoding = encodingOf(bytes);
  if (encoding === 'utf-8') {
    const hasMark = bytes.subarray(0, UTF8_MARK.length).equals(UTF8_MARK);
    return Buffer.concat([...(hasMark ? [UTF8_MARK] : []), Buffer.from(text)]);
  }
  const little = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return encoding === 'utf-16le' ? little : little.swap16();
}

/** UTF-8 unless a byte order mark says otherwise. */
export function encodingOf([first, second]: Buffer): Encoding {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
