import { homedir } from 'node:os';
import type { Machine } from '../clients/client.ts';
import type { Terminal } from './terminal.ts';

/** The machine that a command runs on. */
export function machineOf({ environment, workingFolder }: Terminal): Machine {
  const home = environment.HOME || homedir();
  return { platform: process.platform, home, environment, folder: workingFolder };
}
