/** Why HTTP cannot carry a header; undefined where it can. Its value is never told, since most are secrets. Source: RFC 9110, section 5. */
export function whyNoHeader(name: string, value: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name))
    return 'this is no name of a header: it has letters, digits and "-", and no spaces, such as "X-API-Key"';
  if (/[\r\n]/.test(value))
    return 'a header is one line, and this has a line break, maybe at its end; take it out, of the variable as well';
  const at = [...value].findIndex((character) => !/[\t\x20-\x7E\x80-\xFF]/.test(character));
  if (at === -1) return undefined;
  return `character ${at + 1} is none that HTTP can carry; write it anew by keyboard, with straight quotes where there are any`;
}
