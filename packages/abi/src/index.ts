export { Allocator, type AllocatorExports, type AllocatorHooks, stopAfterTrap } from './allocator.ts';
export { decodeBackendArguments } from './capabilities/backend.ts';
export type {
  Capability,
  GivenAnswer,
  GuestLogLevel,
  GuestLogWriter,
  HostCapabilities,
  HostFunction,
  ImmediateFunction,
  WaitingFunction,
} from './capabilities/host.ts';
export {
  decodeHttpRequest,
  decodeHttpResponse,
  encodeHttpFailure,
  encodeHttpRequest,
  encodeHttpResponse,
  type HttpOutcome,
  type HttpRequest,
  type HttpResponse,
  requestedUrl,
} from './capabilities/http.ts';
export { HTTP_FAILURES, type HttpFailureKind } from './capabilities/http-failure.ts';
export {
  COMMAND_CEILING_BYTES,
  type CommandProblems,
  commandProblems,
  looksLikeCommand,
  requireCommand,
} from './command-shape.ts';
export type { CoreFunction, Suspension } from './component/canonical-functions.ts';
export type { ComponentHost } from './component/component-host.ts';
export type { ShapeItem } from './component/component-plan.ts';
export type { ServerEntryPoint } from './component/component-server.ts';
export { decodeComponent, isComponent } from './component/decode-component.ts';
export type { Resource } from './component/handles.ts';
export type { CompiledComponent } from './component/link-component.ts';
export { type LinkedServer, linkServer } from './component/link-server.ts';
export { waitsOutside } from './component/wasi-contract.ts';
export type {
  AskedImport,
  BoundGuest,
  ComponentSetup,
  ConnectionSetup,
  Dialect,
  ExportReport,
  ExportRule,
  GivenModule,
  GuardDialect,
  GuestAnswer,
  GuestCall,
  GuestConnection,
  ImportRule,
  KeptByHost,
  ModuleOutline,
  PluginDialect,
  ToldTools,
} from './dialect.ts';
export { capabilityOf, neededFunctions, toolProblems, waitingImport } from './dialect-rules.ts';
export { builtInDialects } from './dialect-table.ts';
export { callGuard, callGuardAsync, type GuardCall } from './dialects/lockgate-guard/buffers.ts';
export {
  bindGuard,
  type GuardBinding,
  type GuardExportName,
  type GuardExports,
  type GuardFunction,
} from './dialects/lockgate-guard/exports.ts';
export {
  decodeLabelAgent,
  decodeLabelResource,
  decodeLabelResponse,
  encodeLabelAgent,
  encodeLabelResource,
  encodeLabelResponse,
} from './dialects/lockgate-guard/messages.ts';
export { bindPlugin, type PluginBinding, type PluginExports } from './dialects/lockgate-plugin/exports.ts';
export {
  decodeCompactSpecs,
  decodeConfigure,
  decodeExecute,
  decodeHealthy,
  decodeMetadata,
  decodeTools,
  encodeExecute,
  encodeSettings,
  PLUGIN_ABI_VERSION,
} from './dialects/lockgate-plugin/messages.ts';
export {
  CallRefusedError,
  GuardBufferError,
  GuardCodeError,
  GuestOutOfMemoryError,
  LockgateError,
  MemoryMinimumError,
  MessageError,
  MessageTooLargeError,
  ModuleFormatError,
  ModuleShapeError,
  PolicyRejectedError,
  RequestFailedError,
  SpanError,
  UnknownImportError,
} from './errors.ts';
export { type ExchangeGuest, exchange, exchangeAsync, exchangeInto, place } from './exchange.ts';
export { GuestMemory } from './guest-memory.ts';
export {
  type ComponentReport,
  type ImportReport,
  inspectModule,
  type MemoryReport,
  type ModuleReport,
  requireAbi,
} from './inspect.ts';
export { LONGEST_MESSAGE_BYTES } from './longest-message.ts';
export type { StartName } from './module-shape.ts';
export { parseJsonText } from './parse-json-text.ts';
export type {
  AgentLabelling,
  GuardCodec,
  Labels,
  ResourceLabelling,
  ResourceRequest,
  ResponseLabelling,
  ResponseRequest,
} from './roles/guard.ts';
export type { Operation } from './roles/operation.ts';
export type {
  ExportedTool,
  MethodCall,
  PluginCodec,
  PluginMetadata,
  ToolCall,
  ToolDefinition,
  ToolResult,
} from './roles/plugin.ts';
export type { GuestRole } from './roles/role.ts';
export { packSpan, type Span, unpackSpan } from './span.ts';
export { spanCalls } from './span-calls.ts';
export { connectWasi, type WasiConnection } from './wasi/connect-wasi.ts';
export { Errno, type ErrnoValue, WasiError } from './wasi/errno.ts';
export {
  FdFlag,
  Filetype,
  type FiletypeValue,
  type WasiDirectory,
  type WasiEntry,
  type WasiFile,
  type WasiOpen,
  type WasiStat,
  type WasiTimes,
} from './wasi/wasi-file.ts';
export type { WasiClock, WasiSystem } from './wasi/wasi-system.ts';
export type { ExternKind } from './wasm/declarations.ts';
export { limitMemory, limitOwnMemories, type MemoryCeiling, whyNoGrowth } from './wasm/memory-limits.ts';
export { nameModule } from './wasm/module-name.ts';
export { exportState, StateExport } from './wasm/state-exports.ts';
