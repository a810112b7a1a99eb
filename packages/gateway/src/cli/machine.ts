import { homedir } from 'node:os';
import type { Machine } from '../clients/client.ts';
import type { Terminal } from './terminal.ts';

/** The machine that a command runs on. Programs of Windows know nothing of HOME, which shells brought from elsewhere set to what they like. */
export function machineOf(
  { environment, workingFolder }: Pick<Terminal, 'environment' | 'workingFolder'>,
  platform: string = process.platform,
): Machine {
  const home = (platform === 'win32' ? environment.USERPROFILE : environment.HOME) || homedir();
  return { platform, home, environment, folder: workingFolder };
}
