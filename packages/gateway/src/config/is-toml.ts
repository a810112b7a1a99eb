/** Whether a text is TOML: a first line `[name]` or `name = ...` begins nothing that could be used as JSON or YAML. */
export function isToml(text: string, source: string): boolean {
  return (
    /\.toml$/i.test(source) || /^(\s*(#.*)?\n)*\s*(\[{1,2}[A-Za-z_][^\]]*\]{1,2}\s*(#.*)?$|[\w.-]+[ \t]*=)/m.test(text)
  );
}
