import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file of the console's pages, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly etag: string;
  /** Its name holds a digest of what is in it, so that it never changes. */
  readonly isImmutable: boolean;
  readonly bytes: Buffer;
  /** Smaller forms, made when the package was built. */
  readonly packed: ReadonlyMap<'br' | 'gzip', Buffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const PACKED = { '.br': 'br', '.gz': 'gzip' } as const;

/** Beside the program where it was built, and in the package's own `dist` where it runs from source. */
const FOLDERS = ['./console/', '../../dist/console/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/**
 * Reads all files of the console's pages, by their paths with `/` between. What is asked for is looked up by its name and never made a path of, so that nothing
 * else of the disk can be asked for. Empty where the pages were not built.
 *
 * @param folders - Looked into in turn; the first that has an `index.html` counts. @default the package's own
 */
export async function readPageFiles(folders: readonly string[] = FOLDERS): Promise<ReadonlyMap<string, PageFile>> {
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const names = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
    if (!names.includes('index.html')) continue;
    const read = async (name: string): Promise<readonly [string, Buffer]> => [name, await readFile(join(folder, name))];
    const all = new Map(await Promise.all(names.map(read)));
    return new Map([...all].flatMap(([name, bytes]) => toPage(name, bytes, all)));
  }
  return new Map();
}

function toPage(name: string, bytes: Buffer, all: ReadonlyMap<string, Buffer>): [string, PageFile][] {
  const type = TYPES[extname(name)];
  if (type === undefined) return [];
  const packed = Object.entries(PACKED).flatMap(([ending, encoding]) => {
    const found = all.get(name + ending);
    return found ? [[encoding, found] as const] : [];
  });
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return [[name, { type, etag, isImmutable: /-[A-Z0-9]{8}\.\w+$/.test(name), bytes, packed: new Map(packed) }]];
}
