export { echoGuest, fetchEchoGuest } from './guests/catalog/echo.ts';
export {
  chattyGuest,
  endlessGuest,
  type FaultOptions,
  greedyGuest,
  hammeringGuest,
  recursingGuest,
  slowStartGuest,
  stackLeakingGuest,
  trappingGuest,
} from './guests/catalog/faults.ts';
export {
  backendGuard,
  directPlacementGuard,
  endlessGuard,
  errorCodeGuard,
  type GuardFaultOptions,
  greedyGuard,
  growingGuard,
  guardGuest,
  insatiableGuard,
  invalidJsonGuard,
  lyingLengthGuard,
  missingExportGuard,
  trappingGuard,
  wrongSignatureGuard,
} from './guests/catalog/guards.ts';
export {
  bulkyGuest,
  exitingGuest,
  guestPrefixGuest,
  invalidJsonGuest,
  invalidUtf8Guest,
  lyingSpanGuest,
  missingExportGuest,
  noAllocatorGuest,
  nullMallocGuest,
  refusingGuest,
  unhealthyGuest,
  unknownImportGuest,
  versionGuest,
  wrongAbiVersionGuest,
} from './guests/catalog/shapes.ts';
export type { GuardExport, GuardGuestOptions, GuardRule } from './guests/guard-guest.ts';
export {
  type Code,
  call,
  type FunctionRef,
  flow,
  i32,
  i64,
  memory,
  type Operands,
  type ResultType,
  type ValueType,
  type Variable,
} from './guests/instructions.ts';
export { BACKEND_URL, type PluginExport, type PluginGuestOptions } from './guests/plugin-parts.ts';
export {
  type Body,
  type FunctionScope,
  type FunctionShape,
  HEAP_BASE,
  type MemoryLimits,
  WasmBuilder,
} from './guests/wasm-builder.ts';
