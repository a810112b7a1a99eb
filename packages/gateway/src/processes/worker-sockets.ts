import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where processes that serve together can be asked by the one that keeps them. */
export interface WorkerSockets {
  of(number: number): string;
  remove(): void;
}

/** Sockets in a folder of their own, which nobody else may enter. */
export function workerSockets(platform: string = process.platform): WorkerSockets {
  if (platform === 'win32') {
    return { of: (number) => `\\\\.\\pipe\\lockgate-${process.pid}-${number}`, remove: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-'));
  return {
    of: (number) => join(folder, `${number}.sock`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
