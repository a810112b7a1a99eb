import { connectWasi, type WasiFile } from '@lockgate/abi';
import { NodeDirectory } from '../../../src/host/wasi/node-directory.ts';
import { nodeSystem } from '../../../src/host/wasi/node-system.ts';
import { OpenFolder } from '../../../src/host/wasi/open-folder.ts';

const ERRNOS: Readonly<Record<number, string>> = {
  ...{ 0: 'ok', 2: 'access', 8: 'badf', 20: 'exists', 21: 'fault', 25: 'ilseq', 28: 'inval', 31: 'isdir', 32: 'loop' },
  ...{
    22: 'fbig',
    37: 'nametoolong',
    44: 'noent',
    54: 'notdir',
    55: 'notempty',
    58: 'notsup',
    63: 'perm',
    69: 'rofs',
    70: 'spipe',
  },
};
const PATH = 1_024;
const PATH_2 = 8_192;
const DATA = 16_384;
const OUT = 64;

/** How a path is opened; all absent is for reading. */
export interface Opening {
  readonly write?: boolean;
  readonly create?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
  readonly directory?: boolean;
  readonly noFollow?: boolean;
  readonly append?: boolean;
  readonly sync?: boolean;
}

/** A directory that was granted where it is now. */
export function directoryOf(path: string, writable: boolean): WasiFile {
  return NodeDirectory.granted({ path, place: OpenFolder.placeOf(path), writable });
}

/** WASI as a guest calls it, whose memory is two pages. Directories are descriptors 3 and up. */
export function wasiGuest(...directories: readonly WasiFile[]) {
  const stream: WasiFile = { type: 2, flags: 0, stat: () => ({}) as never, close: () => {} };
  const connection = connectWasi(nodeSystem({ files: [stream, stream, stream, ...directories] }));
  const memory = new WebAssembly.Memory({ initial: 2 });
  connection.attach({ memory });
  const bytes = new Uint8Array(memory.buffer);
  const view = new DataView(memory.buffer);
  const put = (text: string, at: number): number => new TextEncoder().encodeInto(text, bytes.subarray(at)).written;
  const call = (name: string, ...args: readonly (number | bigint)[]): string => {
    const errno = (connection.imports[name] as (...args: unknown[]) => number)(...args);
    return ERRNOS[errno] ?? String(errno);
  };
  const open = (path: string, how: Opening = {}, fd = 3): number | string => {
    const flags = (how.create ? 1 : 0) | (how.directory ? 2 : 0) | (how.exclusive ? 4 : 0) | (how.truncate ? 8 : 0);
    const fdFlags = (how.append ? 1 : 0) | (how.sync ? 16 : 0);
    const rights = how.write ? 66n : 2n;
    const length = put(path, PATH);
    const follow = how.noFollow ? 0 : 1;
    const errno = call('path_open', fd, follow, PATH, length, flags, rights, rights, fdFlags, OUT);
    return errno === 'ok' ? view.getUint32(OUT, true) : errno;
  };
  const vector = (byteLength: number): void => {
    view.setUint32(0, DATA, true);
    view.setUint32(4, byteLength, true);
  };
  return {
    call,
    open,
    memory,
    view,
    close: () => connection.close(),
    onPath: (name: string, path: string, ...rest: readonly (number | bigint)[]): string =>
      call(name, 3, PATH, put(path, PATH), ...rest),
    stat: (path: string, follow = true): string =>
      call('path_filestat_get', 3, follow ? 1 : 0, PATH, put(path, PATH), OUT),
    rename: (from: string, to: string, toFd = 3): string =>
      call('path_rename', 3, PATH, put(from, PATH), toFd, PATH_2, put(to, PATH_2)),
    link: (from: string, to: string, toFd = 3, follow = false): string =>
      call('path_link', 3, follow ? 1 : 0, PATH, put(from, PATH), toFd, PATH_2, put(to, PATH_2)),
    symlink: (target: string, path: string): string =>
      call('path_symlink', PATH, put(target, PATH), 3, PATH_2, put(path, PATH_2)),
    readlink: (path: string): string => {
      const errno = call('path_readlink', 3, PATH, put(path, PATH), DATA, 1_000, OUT);
      return errno === 'ok' ? new TextDecoder().decode(bytes.slice(DATA, DATA + view.getUint32(OUT, true))) : errno;
    },
    read: (fd: number | string, byteLength = 1_000): string => {
      vector(byteLength);
      const errno = call('fd_read', Number(fd), 0, 1, OUT);
      return errno === 'ok' ? new TextDecoder().decode(bytes.slice(DATA, DATA + view.getUint32(OUT, true))) : errno;
    },
    write: (fd: number | string, text: string): string => {
      vector(put(text, DATA));
      return call('fd_write', Number(fd), 0, 1, OUT);
    },
    /** The names of a listing that is read in pieces of so many bytes. */
    list: (fd: number | string, pieceBytes = 4_096): readonly string[] => {
      const names: string[] = [];
      let cookie = 0n;
      for (;;) {
        if (call('fd_readdir', Number(fd), DATA, pieceBytes, cookie, OUT) !== 'ok') throw new Error('no listing');
        const used = view.getUint32(OUT, true);
        let at = 0;
        while (at + 24 <= used) {
          const length = view.getUint32(DATA + at + 16, true);
          if (at + 24 + length > used) break;
          names.push(new TextDecoder().decode(bytes.slice(DATA + at + 24, DATA + at + 24 + length)));
          cookie = view.getBigUint64(DATA + at, true);
          at += 24 + length;
        }
        if (used < pieceBytes) return names;
      }
    },
  };
}
