export type { Command, CommandEnd, CommandOptions } from './command/command.ts';
export type { ServedRequest } from './component/http/incoming-request.ts';
export {
  CallTimeoutError,
  ConfigureRejectedError,
  CrashLoopError,
  GuestMessageError,
  GuestTrapError,
  JspiMissingError,
  LinkError,
  MemoryCeilingError,
  ModuleClosedError,
  NoThreadError,
  QueueFullError,
  QueueTimeoutError,
  ReentryError,
  StorageError,
} from './errors.ts';
export type { Guard, GuardCallOptions, GuardStats } from './guard/guard.ts';
export { createCheckedFetch } from './host/checked-fetch.ts';
export type { Logger } from './logger.ts';
export type { ModuleStats } from './module-stats.ts';
export type {
  Fetch,
  GivenContext,
  GivenFunction,
  GuardOptions,
  GuestFailure,
  GuestLogLevel,
  InstanceCount,
  Isolation,
  Limits,
  Lookup,
  ModuleSource,
  PluginOptions,
  RuntimeOptions,
  StorageGrant,
} from './options.ts';
export type { CloseOptions, ExecuteOptions, Plugin, PluginFeatures, PluginStats } from './plugin/plugin.ts';
export { readModule, UnreadableFileError } from './read-module.ts';
export { createRuntime, type Runtime } from './runtime.ts';
export type { Service, ServiceHandler } from './service/service.ts';
