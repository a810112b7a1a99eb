import type { GuardOptions, Logger, PluginOptions } from '@lockgate/runtime';
import type { GuardRuntime } from './guard-kind.ts';
import type { PluginChecks, PluginRuntime } from './plugin-kind.ts';
import type { VersionOptions } from './version-options.ts';
import type { FolderFile } from './watch/folder-watcher.ts';

/** How one plugin is loaded; what the loader does not know goes to the runtime, for every version. */
export interface LoadOptions extends PluginOptions, PluginChecks, VersionOptions {}

/** How one guard is loaded; what the loader does not know goes to the runtime, for every version. */
export interface LoadGuardOptions extends GuardOptions, VersionOptions {}

/** How one file of a watched folder is loaded. */
export type FolderModule =
  | ({ readonly kind: 'plugin' } & Omit<LoadOptions, 'watch' | 'settleMs'>)
  | ({ readonly kind: 'guard' } & Omit<LoadGuardOptions, 'watch' | 'settleMs'>);

/** How a folder is watched. */
export interface WatchFolderOptions {
  /** How a file is loaded; null leaves it alone. @default as a plugin, named after the file without its ending */
  readonly describe?: (file: FolderFile) => FolderModule | null;
  /** How long a file must hold still before it is loaded, or stay away before it is unloaded, in ms. @default 50 */
  readonly settleMs?: number;
}

/** What a loader is made of. */
export interface LoaderOptions {
  /** Starts what the loader loads. The caller closes it, after the loader. */
  readonly runtime: PluginRuntime & GuardRuntime;
  /** @default silent */
  readonly logger?: Logger;
  /** Fetches `https:` sources. @default the global fetch */
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch, for `loadedAt`. @default Date.now */
  readonly now?: () => number;
}
