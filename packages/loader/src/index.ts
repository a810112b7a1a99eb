export {
  AbiVersionError,
  DigestMismatchError,
  DrainTimeoutError,
  LoaderClosedError,
  NameTakenError,
  NoRollbackError,
  type RejectionReason,
  SourceUnreadableError,
  SwapRejectedError,
  UnhealthyError,
  UnknownNameError,
  VersionFailingError,
} from './errors.ts';
export type {
  DrainedEvent,
  LoadedEvent,
  LoaderEvents,
  RejectedEvent,
  ReloadedEvent,
  SwapCause,
  UnloadedEvent,
} from './events.ts';
export type { VersionFacts } from './generation.ts';
export type { GuardRuntime } from './guard-kind.ts';
export type { ModuleSummary } from './loaded-module.ts';
export { createLoader, type FolderWatch, type Loader } from './loader.ts';
export type { ModuleSource } from './module-source.ts';
export type {
  FolderModule,
  LoaderOptions,
  LoadGuardOptions,
  LoadOptions,
  WatchFolderOptions,
} from './options.ts';
export type { PluginChecks, PluginRuntime } from './plugin-kind.ts';
export type { RollbackLimit, VersionOptions } from './version-options.ts';
export type { FolderFile } from './watch/folder-watcher.ts';
