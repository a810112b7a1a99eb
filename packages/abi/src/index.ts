export { Allocator, type AllocatorExports, type AllocatorHooks } from './allocator.ts';
export {
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
  SpanError,
  UnknownImportError,
} from './errors.ts';
export { type ExchangeGuest, exchange, exchangeAsync, exchangeInto, place } from './exchange.ts';
export { callGuard, callGuardAsync, type GuardCall } from './guard/buffers.ts';
export {
  bindGuard,
  type GuardBinding,
  type GuardExportName,
  type GuardExports,
  type GuardFunction,
} from './guard/exports.ts';
export {
  type AgentLabelling,
  decodeBackendArguments,
  decodeLabelAgent,
  decodeLabelResource,
  decodeLabelResponse,
  encodeLabelAgent,
  encodeLabelResource,
  encodeLabelResponse,
  type Labels,
  type ResourceLabelling,
  type ResourceRequest,
  type ResponseLabelling,
  type ResponseRequest,
} from './guard/messages.ts';
export { GuestMemory } from './guest-memory.ts';
export type { AskedImport, GuestKind } from './host-imports.ts';
export {
  type ExportReport,
  type ImportReport,
  inspectModule,
  type MemoryReport,
  type ModuleReport,
  requireAbi,
} from './inspect.ts';
export type { StartName } from './module-shape.ts';
export { bindPlugin, type PluginBinding, type PluginExports } from './plugin/exports.ts';
export {
  decodeHttpRequest,
  encodeHttpFailure,
  encodeHttpResponse,
  type HttpRequest,
  type HttpResponse,
} from './plugin/http.ts';
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
  type PluginMetadata,
  type ToolDefinition,
  type ToolResult,
} from './plugin/messages.ts';
export { packSpan, type Span, unpackSpan } from './span.ts';
export type { ExternKind } from './wasm/declarations.ts';
export { limitMemory, type MemoryCeiling } from './wasm/memory-limits.ts';
export { nameModule } from './wasm/module-name.ts';
