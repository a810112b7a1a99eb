/** Why a file could not be read, in words, with what was to be read. */
export function whyUnreadable(error: unknown, what = 'the file'): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return what === 'the file' ? 'there is no such file' : `cannot read ${what}: there is no such file`;
    case 'EACCES':
    case 'EPERM':
      return `cannot read ${what}: permission denied`;
    case 'EISDIR':
      return `cannot read ${what}: it is a folder`;
    case 'ENOTDIR':
      return `cannot read ${what}: a part of its path is no folder`;
    default:
      return `cannot read ${what}: ${code ?? message}`;
  }
}
