/** Why a file could not be read, in words, with what was to be read. */
export function whyUnreadable(error: unknown, what = 'the file'): string {
  const { code, message, problem } = error as NodeJS.ErrnoException & { readonly problem?: string };
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
    case 'ELOOP':
      return `cannot read ${what}: it is a link that leads to itself`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `cannot read ${what}: the disk is full, or what this user may use of it; make room, or choose another place`;
    case 'EROFS':
      return `cannot read ${what}: the file system is read-only; choose another place`;
    default:
      return `cannot read ${what}: ${problem ?? code ?? message}`;
  }
}
