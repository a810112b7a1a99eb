import { existsSync } from 'node:fs';

const NO_SPACE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** Says in plain words that nothing can be kept because the directory is not there any more. */
export function goneDirectory(error: unknown, directory: string): string | undefined {
  const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync(directory);
  return isGone ? `${directory} is gone; the next process makes it again` : undefined;
}

/** Says in plain words that a write failed for want of space; undefined where it failed of anything else. */
export function spaceShortage(error: unknown, directory: string): string | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!NO_SPACE.has(code)) return undefined;
  return `no space is left for ${directory} (${code}); free some, or lower "maxBytes" of the cache`;
}
