import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModule, UnreadableFileError } from '@lockgate/runtime';
import { DigestMismatchError, SourceUnreadableError } from './errors.ts';

const DEFAULT_MAX_SOURCE_BYTES = 256 * 1024 * 1024;
const DEFAULT_FETCH_TIMEOUT_MS = 60_000;

/** Where a module comes from: its bytes, a file path, or a `file:` or `https:` URL. */
export type ModuleSource = Uint8Array | string | URL;

/** A module's bytes with their SHA-256, in lower-case hex. */
export interface ModuleBytes {
  readonly bytes: Uint8Array;
  readonly digest: string;
}

/** A source that was understood: it can be read again, and the digest is checked each time. */
export interface ResolvedSource {
  /** How the source is called in lists and errors; bytes are just `bytes`, URLs are shown without user and query. */
  readonly label: string;
  /** Only files have one; only they can be watched. */
  readonly path?: string;
  /** What the digest has to be. */
  readonly sha256?: string;
  /**
   * @throws LOADER_SOURCE_UNREADABLE when the bytes cannot be had.
   * @throws LOADER_DIGEST_MISMATCH when they are not the ones asked for.
   */
  read(signal: AbortSignal): Promise<ModuleBytes>;
}

/** What reading a source needs from outside. */
export interface SourceReader {
  readonly fetch: typeof fetch;
}

/** Understands a source without touching it. A wrong kind of source, or `https:` without a digest, is a TypeError. */
export function resolveOrigin(source: ModuleSource, sha256: string | undefined, reader: SourceReader): ResolvedSource {
  const expected = sha256?.toLowerCase();
  if (expected !== undefined && !/^[0-9a-f]{64}$/.test(expected)) {
    throw new TypeError(`Expected "sha256" to be 64 hexadecimal digits, got ${sha256?.length} characters.`);
  }
  if (source instanceof Uint8Array) {
    const bytes = source.slice(); // what is checked must be what is compiled, and what a later reload finds
    return originOf('bytes', expected, () => Promise.resolve(bytes));
  }
  const url = toUrl(source);
  if (url === undefined || url.protocol === 'file:') {
    const path = url === undefined ? resolve(source as string) : fileURLToPath(url);
    return { ...originOf(path, expected, (signal) => readModule(path, signal)), path };
  }
  if (url.protocol !== 'https:') {
    throw new TypeError(`Expected a module's URL to be https: or file:, got ${url.protocol}`);
  }
  if (expected === undefined)
    throw new TypeError(`Expected "sha256" with ${url.origin}: what comes over a network is checked.`);
  return originOf(`${url.origin}${url.pathname}`, expected, (signal) => download(url, reader.fetch, signal));
}

/** Checks what was read, by whomever, against the digest the source must have. */
export function checkDigest(origin: ResolvedSource, { digest }: ModuleBytes): void {
  if (origin.sha256 !== undefined && origin.sha256 !== digest) {
    throw new DigestMismatchError({ source: origin.label, expected: origin.sha256, actual: digest });
  }
}

/** The SHA-256 of a module's bytes, in lower-case hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function originOf(
  label: string,
  sha256: string | undefined,
  readBytes: (signal: AbortSignal) => Promise<Uint8Array>,
): ResolvedSource {
  const origin: ResolvedSource = {
    label,
    ...(sha256 === undefined ? {} : { sha256 }),
    async read(signal) {
      let bytes: Uint8Array;
      try {
        bytes = await readBytes(signal);
      } catch (error) {
        if (error instanceof SourceUnreadableError) throw error;
        throw new SourceUnreadableError({ source: label, problem: sentenceOf(error) }, { cause: error });
      }
      const found = { bytes, digest: digestOf(bytes) };
      checkDigest(origin, found);
      return found;
    },
  };
  return origin;
}

/** A URL where the source says that it is one. A drive letter is no scheme. */
function toUrl(source: string | URL): URL | undefined {
  if (source instanceof URL) return source;
  return /^[a-z][a-z0-9+.-]+:/i.test(source) ? new URL(source) : undefined;
}

async function download(url: URL, fetchUrl: typeof fetch, signal: AbortSignal): Promise<Uint8Array> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(DEFAULT_FETCH_TIMEOUT_MS)]);
  const response = await fetchUrl(url, { signal: stop });
  const source = `${url.origin}${url.pathname}`;
  if (!response.ok) {
    await response.body?.cancel();
    throw new SourceUnreadableError({ source, problem: `the server answered ${response.status}` });
  }
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  for await (const chunk of response.body ?? []) {
    byteLength += chunk.byteLength;
    if (byteLength > DEFAULT_MAX_SOURCE_BYTES) {
      throw new SourceUnreadableError({ source, problem: `it is longer than ${DEFAULT_MAX_SOURCE_BYTES} bytes` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'it does not exist';
  if (error instanceof UnreadableFileError) return error.problem;
  return error.cause instanceof Error ? `${error.message}, ${error.cause.message}` : error.message;
}
