export { componentServerGuest } from './guests/catalog/component-servers.ts';
export { componentGuest } from './guests/catalog/components.ts';
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
export { HTTP_ERROR_CODE } from './guests/catalog/http-error-code.ts';
export type { ServerKit, ToolBody } from './guests/catalog/server-answer.ts';
export { serverGuest } from './guests/catalog/servers.ts';
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
  talkativeGuest,
  unhealthyGuest,
  unknownImportGuest,
  versionGuest,
  wrongAbiVersionGuest,
} from './guests/catalog/shapes.ts';
export {
  type CanonicalOptions,
  ComponentBuilder,
  type ImportedItems,
  type WitFunction,
  type WitType,
} from './guests/component-builder.ts';
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
export type {
  CreateModuleOptions,
  ModuleAbility,
  ModuleSubject,
  ModuleSuiteOptions,
  SubjectCallOptions,
  SuiteGuest,
} from './subjects.ts';
export {
  type BlobStoreAbility,
  type BlobStoreOptions,
  type BlobStoreSubject,
  blobStoreSuite,
  type CreateBlobStoreOptions,
} from './suites/blob-store.ts';
export {
  type CacheAbility,
  type CacheSubject,
  type CacheSuiteOptions,
  type CreateCacheOptions,
  cacheSuite,
} from './suites/cache.ts';
export { type CacheReplaceOptions, cacheReplaceSuite, type SlotSubject } from './suites/cache-replace.ts';
export { hotReloadSuite } from './suites/hot-reload.ts';
export type { HotReloadOptions, NextVersion, ReloadAbility, ReloadSubject } from './suites/hot-reload-subject.ts';
export { type CreateLabelsOptions, type LabelsSubject, type LabelsSuiteOptions, labelsSuite } from './suites/labels.ts';
export { moduleAbortSuite } from './suites/module-abort.ts';
export { type CloseRaceOptions, moduleCloseRaceSuite } from './suites/module-close-race.ts';
export { moduleExchangeSuite } from './suites/module-exchange.ts';
export { moduleExclusionSuite } from './suites/module-exclusion.ts';
export { type HammerSuiteOptions, moduleHammerSuite } from './suites/module-hammer.ts';
export { moduleLifecycleSuite } from './suites/module-lifecycle.ts';
export { moduleOrdersSuite, type OrdersSuiteOptions } from './suites/module-orders.ts';
export { modulePoolSuite } from './suites/module-pool.ts';
export { moduleSuites } from './suites/module-suites.ts';
export { moduleTrapSuite, type TrapSuiteOptions } from './suites/module-traps.ts';
export { runSuites } from './suites/run-suites.ts';
export { stateStoreSuite } from './suites/state-store.ts';
export type {
  CreateStateStoreOptions,
  StateListener,
  StateStoreAbility,
  StateStoreSubject,
  StateStoreSuiteOptions,
  StateWrite,
  StoredRecord,
} from './suites/state-store-subject.ts';
export type { SuiteReport, SuiteRow } from './suites/suite-report.ts';
export type { ModuleSuitesOptions, SuiteSubjects } from './suites/suite-subjects.ts';
export type { TestApi, TestCase } from './test-api.ts';
export { Backend } from './tools/backend.ts';
export { type FaultyFs, type FsFault, faultyFs } from './tools/faulty-fs.ts';
export { Gate } from './tools/gate.ts';
export { type HammerOptions, hammer } from './tools/hammer.ts';
export { idle } from './tools/idle.ts';
export { setPatience } from './tools/in-time.ts';
export { type InterleaveOptions, interleave, type Steps } from './tools/interleave.ts';
export { leakCheck } from './tools/leak-check.ts';
export { Trace } from './tools/trace.ts';
