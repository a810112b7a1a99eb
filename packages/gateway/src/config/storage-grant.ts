import * as z from 'zod';

/** A directory that a guest may use, under its own path. */
export interface StorageGrant {
  readonly path: string;
  readonly writable: boolean;
}

const SCHEME = 'fs://';
const GRANT = /^fs:\/\/([^:].*?)(?::(ro|rw))?$/;

/** One grant as it is written: `fs:///data:ro`, or `:rw` for writing; nothing is left to a default that somebody has to know. */
export const storageGrant: z.ZodType<string> = z.string().superRefine((text, context) => {
  const message = whyNoGrant(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** What a grant gives. @throws TypeError for what the schema refuses */
export function readGrant(text: string): StorageGrant {
  const [, path, access] = GRANT.exec(text) ?? [];
  if (path === undefined || access === undefined) throw new TypeError(`Expected a grant of storage, got ${text}.`);
  return { path, writable: access === 'rw' };
}

/** A grant with its directory put elsewhere, where that is relative; other texts stay as they are. */
export function withAbsoluteGrant(text: string, absolute: (path: string) => string): string {
  const [, path, access] = GRANT.exec(text) ?? [];
  return path === undefined ? text : `${SCHEME}${absolute(path)}${access === undefined ? '' : `:${access}`}`;
}

function whyNoGrant(text: string): string | undefined {
  if (!text.startsWith(SCHEME)) return 'expected "fs://", a directory and its use, such as "fs:///srv/notes:ro"';
  const [, path, access] = GRANT.exec(text) ?? [];
  if (path === undefined) return 'names no directory; write it as in "fs:///srv/notes:ro"';
  if (/[*?]/.test(path)) return 'a directory is granted with all below it; leave the pattern out';
  if (access === undefined) return 'ends with neither ":ro" (to be read) nor ":rw" (to be read and written)';
  return undefined;
}
