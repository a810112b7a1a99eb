import { join } from 'node:path';
import * as z from 'zod';

/** A directory that a guest may use, under its own path. */
export interface StorageGrant {
  readonly path: string;
  readonly writable: boolean;
}

const SCHEME = 'fs://';
const GRANT = /^fs:\/\/([^:].*?)(?::(ro|rw))?$/;

/** One grant as it is written: `fs:///data:ro`, or `:rw` for writing; nothing is left to a default that somebody has to know. */
const storageGrant: z.ZodType<string> = z.string().superRefine((text, context) => {
  const message = whyNoGrant(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** All grants of one guest. Each holds for all below its directory, so none may take back what a wider one gives. */
export const storageGrants: z.ZodType<string[]> = z.array(storageGrant).superRefine((texts, context) => {
  const given = texts.filter((text) => whyNoGrant(text) === undefined).map(readGrant);
  for (const [index, { path, writable }] of given.entries()) {
    const same = given.slice(0, index).some((other) => join(other.path, '/') === join(path, '/'));
    const wider = given.find((other) => other.writable && !writable && isBelow(path, other.path));
    const message = same
      ? `grants "${path}" twice; one grant says whether it is read or written`
      : wider && `cannot keep "${path}" from being written: "${wider.path}" above it may be, with all below it`;
    if (message) context.addIssue({ code: 'custom', message });
  }
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

function isBelow(path: string, other: string): boolean {
  return join(path, '/').startsWith(join(other, '/'));
}
