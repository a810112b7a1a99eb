import { join } from 'node:path';
import * as z from 'zod';

/** A directory that a guest may use, under its own path. */
export interface StorageGrant {
  readonly path: string;
  readonly writable: boolean;
}

const SCHEME = 'fs://';
/** Stores of keys and values that a whole server has in memory for as long as it runs. */
export const IN_MEMORY = 'kv:memory';
const GRANT = /^fs:\/\/([^:].*?)(?::(ro|rw))?$/;

/** All grants of one guest. */
export const storageGrants: z.ZodType<string[]> = grants({
  whyNotInMemory: 'is for whole servers alone: of a tool, nothing outlives a call',
});

/** All grants of a whole server: `kv:memory` as well. */
export const serverStorageGrants: z.ZodType<string[]> = grants({ otherwise: ', or "kv:memory"' });

/** Grants as they are written: `fs:///data:ro`, or `:rw` for writing; nothing is left to a default that somebody has to know. */
function grants(words: { whyNotInMemory?: string; otherwise?: string }): z.ZodType<string[]> {
  const grant = z.string().superRefine((text, context) => {
    const message = text === IN_MEMORY ? words.whyNotInMemory : whyNoGrant(text, words.otherwise);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
  return z.array(grant).superRefine(refuseContradictions);
}

/** Each holds for all below its directory, so none may take back what a wider one gives. */
function refuseContradictions(texts: readonly string[], context: z.RefinementCtx): void {
  const given = texts.filter((text) => text !== IN_MEMORY && whyNoGrant(text) === undefined).map(readGrant);
  for (const [index, { path, writable }] of given.entries()) {
    const same = given.slice(0, index).some((other) => join(other.path, '/') === join(path, '/'));
    const wider = given.find((other) => other.writable && !writable && isBelow(path, other.path));
    const message = same
      ? `grants "${path}" twice; one grant says whether it is read or written`
      : wider && `cannot keep "${path}" from being written: "${wider.path}" above it may be, with all below it`;
    if (message) context.addIssue({ code: 'custom', message });
  }
}

/** What grants give, of directories and beside them. @throws TypeError for what the schema refuses */
export function readGrants(texts: readonly string[]): {
  readonly storage: readonly StorageGrant[];
  readonly keyValue: 'memory' | undefined;
} {
  const keyValue = texts.includes(IN_MEMORY) ? 'memory' : undefined;
  return { storage: texts.filter((text) => text !== IN_MEMORY).map(readGrant), keyValue };
}

/** What a grant gives. @throws TypeError for what the schema refuses */
function readGrant(text: string): StorageGrant {
  const [, path, access] = GRANT.exec(text) ?? [];
  if (path === undefined || access === undefined) throw new TypeError(`Expected a grant of storage, got ${text}.`);
  return { path, writable: access === 'rw' };
}

/** A grant with its directory put elsewhere, where that is relative; other texts stay as they are. */
export function withAbsoluteGrant(text: string, absolute: (path: string) => string): string {
  const [, path, access] = GRANT.exec(text) ?? [];
  return path === undefined ? text : `${SCHEME}${absolute(path)}${access === undefined ? '' : `:${access}`}`;
}

function whyNoGrant(text: string, otherwise = ''): string | undefined {
  if (!text.startsWith(SCHEME))
    return `expected "fs://", a directory and its use, such as "fs:///srv/notes:ro"${otherwise}${meant(text)}`;
  const [, path, access] = GRANT.exec(text) ?? [];
  if (path === undefined) return 'names no directory; write it as in "fs:///srv/notes:ro"';
  if (/[*?]/.test(path)) return 'a directory is granted with all below it; leave the pattern out';
  if (access === undefined)
    return `ends with neither ":ro" (to be read) nor ":rw" (to be read and written)${meant(text)}`;
  return undefined;
}

/** What somebody wrote who knows such grants from elsewhere: a bare path, `file://`, `fs:/`, and other words for what is done there. */
const WRITTEN = /^(?:(?:file|fs):(?:\/\/)?)?([~./\w][^:*?]*?)(?::([A-Za-z][\w,-]*))?$/;
const READ_ONLY = /^(?:ro|r|read|readonly|read-only|z,ro|ro,z)$/i;
const WRITABLE = /^(?:rw|w|wr|rwx|write|writable|readwrite|read-write|z,rw|rw,z)$/i;

/** The grant that is probably meant, as the end of a sentence; empty where nothing can be told. */
function meant(text: string): string {
  const [, path = '', use] = WRITTEN.exec(text.trim()) ?? [];
  if (path === '' || path.startsWith('~')) return '';
  if (use === undefined) return `; write "${SCHEME}${path}:ro" or "${SCHEME}${path}:rw"`;
  const access = READ_ONLY.test(use) ? 'ro' : WRITABLE.test(use) ? 'rw' : undefined;
  return access === undefined ? '' : `; write "${SCHEME}${path}:${access}"`;
}

function isBelow(path: string, other: string): boolean {
  return join(path, '/').startsWith(join(other, '/'));
}
