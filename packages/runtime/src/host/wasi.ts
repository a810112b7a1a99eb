import { connectWasi, Filetype, type WasiFile } from '@lockgate/abi';
import type { WasiGrants } from '../options.ts';
import type { GuestLog } from './guest-log.ts';
import { LogFile } from './wasi/log-file.ts';
import { NodeDirectory } from './wasi/node-directory.ts';
import { nodeSystem } from './wasi/node-system.ts';
import { streamStat } from './wasi/stream-stat.ts';

/** WASI preview 1 for one instance. */
export interface WasiHost {
  readonly imports: WebAssembly.ModuleImports;
  /** Tells it where the guest's memory is; before the guest's first instruction that uses WASI, if there is one. */
  attach(exports: WebAssembly.Exports): void;
  /** Passes on what the guest wrote without ending the line. */
  flush(): void;
  /** Whether each descriptor still is what it was at first: a guest may close one, or put one in the place of another. */
  readonly isAsAtFirst: boolean;
  /** Closes what the guest has open. */
  close(): void;
}

const EMPTY_INPUT: WasiFile = {
  type: Filetype.characterDevice,
  flags: 0,
  stat: streamStat,
  read: () => 0,
  close: () => {},
};

/**
 * WASI of a plugin or guard: no files and no environment but what was granted, no arguments, an empty standard input; standard output and error
 * go to the log line by line. Source: ABI.md §1; why not Node's own: docs/rationale/runtime.md.
 *
 * @throws errors of the file system for a directory that is not there
 */
export function createWasi(log: GuestLog, { storage, env }: WasiGrants): WasiHost {
  const output = new LogFile(log, 'info');
  const errors = new LogFile(log, 'warn');
  const connection = connectWasi(nodeSystem({ env, files: [EMPTY_INPUT, output, errors, ...openAll(storage)] }));
  return {
    imports: connection.imports,
    attach: (exports) => connection.attach(exports),
    flush: () => {
      output.flush();
      errors.flush();
    },
    get isAsAtFirst() {
      return connection.isAsAtFirst;
    },
    close: () => connection.close(),
  };
}

/** All of them or none: of what is open nobody would know who is to close it. */
function openAll(storage: WasiGrants['storage']): readonly WasiFile[] {
  const opened: WasiFile[] = [];
  try {
    for (const grant of storage) opened.push(NodeDirectory.granted(grant));
  } catch (error) {
    for (const file of opened) file.close();
    throw error;
  }
  return opened;
}
