/** Whether a text is TOML: a first line `[name]` or `name = ...` begins nothing that could be used as JSON or YAML. */
export function isToml(text: string, source: string): boolean {
  if (/\.toml$/i.test(source)) return true;
  // Line by line: one pattern for blank lines and comments takes twice as long with each blank line.
  const first = text.split('\n').find((line) => !/^\s*(#|$)/.test(line));
  return first !== undefined && /^\s*(\[{1,2}[A-Za-z_][^\]]*\]{1,2}\s*(#.*)?$|[\w.-]+[ \t]*=)/.test(first);
}
