export type { Guard, GuardCallOptions, GuardStats, ResourceRequest, ResponseRequest } from './guard/guard.ts';
export type { Logger } from './logger.ts';
export type { ModuleStats } from './module-stats.ts';
export type { CloseOptions, ExecuteOptions, Plugin, PluginStats } from './plugin/plugin.ts';
