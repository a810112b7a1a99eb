import { Json, Result } from '../../assemblyscript/assembly/sdk';
import { CheckedTool, isSet } from '../../assemblyscript/assembly/checked-tool';
import { isUtf8, utf8Of } from './bytes';

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const encodeDefinition = `{
  "name": "encode_base64",
  "description": "Encodes a text's UTF-8 bytes as base64.",
  "input_schema": {
    "type": "object",
    "properties": {
      "text": { "type": "string", "description": "The text to encode." },
      "url_safe": { "type": "boolean", "description": "Use - and _ and no padding; false by default." }
    },
    "required": ["text"],
    "additionalProperties": false
  },
  "annotations": { "title": "Encode base64", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

const decodeDefinition = `{
  "name": "decode_base64",
  "description": "Decodes base64, plain or URL-safe, with or without padding, to text. White space is skipped.",
  "input_schema": {
    "type": "object",
    "properties": { "base64": { "type": "string", "description": "The base64 to decode; its bytes must be UTF-8 text." } },
    "required": ["base64"],
    "additionalProperties": false
  },
  "annotations": { "title": "Decode base64", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

export const encodeBase64 = new CheckedTool(Json.parse(encodeDefinition), (args: Json): Result => {
  const urlSafe = isSet(args, 'url_safe');
  return new Result(encode(utf8Of(args.at('text').text), urlSafe ? URL_SAFE : STANDARD, !urlSafe));
});

export const decodeBase64 = new CheckedTool(Json.parse(decodeDefinition), (args: Json): Result => {
  const bytes = decode(args.at('base64').text);
  if (!bytes) return new Result('decode_base64: the argument "base64" is not base64', true);
  if (!isUtf8(bytes)) return new Result('decode_base64: the bytes of the argument "base64" are not UTF-8 text', true);
  return new Result(String.UTF8.decode(bytes.buffer));
});

function encode(bytes: Uint8Array, alphabet: string, padded: bool): string {
  const units = new StaticArray<u16>(((bytes.length + 2) / 3) * 4);
  let length = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = min(bytes.length - i, 3);
    const group = (<u32>bytes[i] << 16) | ((left > 1 ? <u32>bytes[i + 1] : 0) << 8) | (left > 2 ? <u32>bytes[i + 2] : 0);
    for (let n = 0; n <= left; n++) unchecked((units[length++] = <u16>alphabet.charCodeAt((group >> (18 - 6 * n)) & 63)));
    for (let n = left; n < 3 && padded; n++) unchecked((units[length++] = 0x3d));
  }
  return String.UTF16.decodeUnsafe(changetype<usize>(units), <usize>length << 1);
}

/** Null where the text has other characters, a length that cannot be, or bits that stand for nothing. */
function decode(text: string): Uint8Array | null {
  const bytes = new Uint8Array((text.length * 3) / 4 + 3);
  let length = 0;
  let pending: u32 = 0;
  let digits = 0;
  let padding = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit == 0x20 || (unit >= 0x09 && unit <= 0x0d)) continue;
    if (unit == 0x3d) {
      padding++;
      continue;
    }
    const value = valueOf(unit);
    if (value < 0 || padding) return null;
    pending = (pending << 6) | value;
    if (++digits % 4) continue;
    bytes[length++] = <u8>(pending >> 16);
    bytes[length++] = <u8>(pending >> 8);
    bytes[length++] = <u8>pending;
  }
  const left = digits % 4;
  if (left == 1 || (padding && padding != (4 - left) % 4)) return null;
  if (left == 2) bytes[length++] = <u8>(pending >> 4);
  if (left == 3) {
    bytes[length++] = <u8>(pending >> 10);
    bytes[length++] = <u8>(pending >> 2);
  }
  const spare: u32 = left == 2 ? pending & 15 : left == 3 ? pending & 3 : 0;
  return spare ? null : bytes.slice(0, length);
}

function valueOf(unit: i32): i32 {
  if (unit >= 0x41 && unit <= 0x5a) return unit - 0x41;
  if (unit >= 0x61 && unit <= 0x7a) return unit - 0x61 + 26;
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30 + 52;
  if (unit == 0x2b || unit == 0x2d) return 62;
  return unit == 0x2f || unit == 0x5f ? 63 : -1;
}
