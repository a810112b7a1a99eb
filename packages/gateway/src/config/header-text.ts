/** Headers that say where a request ends or what becomes of its connection. Source: RFC 9110, section 7.6.1. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a header is for who sends the request to set, and for nobody else. */
export function isOfConnection(name: string): boolean {
  return OF_THE_CONNECTION.has(name.toLowerCase());
}

/** Why HTTP cannot carry a header; undefined where it can. Its value is never told, since most are secrets. Source: RFC 9110, section 5. */
export function whyNoHeader(name: string, value: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name))
    return 'this is no name of a header: it has letters, digits and "-", and no spaces, such as "X-API-Key"';
  if (isOfConnection(name))
    return 'the gateway sets this header itself, or not at all, since it keeps and shares the connections; take it out';
  if (/[\r\n]/.test(value))
    return 'a header is one line, and this has a line break, maybe at its end; take it out, of the variable as well';
  const at = [...value].findIndex((character) => !/[\t\x20-\x7E\x80-\xFF]/.test(character));
  if (at === -1) return undefined;
  return `character ${at + 1} is none that HTTP can carry; write it anew by keyboard, with straight quotes where there are any`;
}
