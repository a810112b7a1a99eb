import { basename, dirname, join } from 'node:path';
import type { ClientFile, Machine } from './client.ts';

/** Where programs with windows keep their settings: Electron's "appData". */
export function appData({ platform, home, environment }: Machine): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (platform === 'win32') return environment.APPDATA || join(home, 'AppData', 'Roaming');
  return environment.XDG_CONFIG_HOME || join(home, '.config');
}

/** VS Code and its variants. */
export function codeUserFolders(machine: Machine): readonly string[] {
  return ['Code', 'Code - Insiders', 'VSCodium'].map((name) => join(appData(machine), name, 'User'));
}

/** A path with "/" between its parts, wherever it comes from. */
export function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

/** The folder of the project whose hidden folder (`.vscode`, `.cursor`) holds a file; undefined for the files of a person. */
export function projectOf({ path, home }: Pick<ClientFile, 'path' | 'home'>, hidden: string): string | undefined {
  const folder = dirname(path);
  const project = dirname(folder);
  return basename(folder) !== hidden || project === home ? undefined : project;
}
