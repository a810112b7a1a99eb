/** The command line that makes the same call: arguments in single quotes, as any POSIX shell reads them. */
export function callCommand(tool: string, args: unknown, config?: string): string {
  const json = JSON.stringify(args);
  const words = ['lockgate', 'call', tool, ...(json === '{}' || json === undefined ? [] : [json])];
  return [...words, ...(config === undefined ? [] : ['--config', config])].map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
