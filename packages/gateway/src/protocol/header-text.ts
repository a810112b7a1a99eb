const BASE64 = /^=\?base64\?(.*)\?=$/s;

/** A text as an HTTP header has it: a header cannot hold every text. Source: MCP specification 2026-07-28, "Transports". */
export function encodeHeader(value: string): string {
  const plain = value === value.trim() && /^[\t -~]+$/.test(value) && !BASE64.test(value);
  return plain ? value : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

/** The text of a header, or undefined where its Base64 is none. */
export function decodeHeader(value: string): string | undefined {
  const encoded = BASE64.exec(value)?.[1];
  if (encoded === undefined) return value;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
