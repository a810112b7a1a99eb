import type { Code, FunctionRef, Variable } from './instructions.ts';
import type { Allocator, TextKit } from './plugin-kit.ts';
import type { Body, FunctionScope, MemoryLimits, WasmBuilder } from './wasm-builder.ts';

/** Where the catalogue's guests send their requests; hand the subject a `fetch` (and a grant, where it wants one) for it. */
export const BACKEND_URL = 'http://backend.test/';

/** The exports of the plugin ABI that a host calls. */
export type PluginExport =
  | 'name'
  | 'metadata'
  | 'tools'
  | 'configure'
  | 'execute'
  | 'healthy'
  | 'compact_specs'
  | 'malloc'
  | 'free'
  | '_initialize';

/** What a plugin guest is and says about itself; every guest of the catalogue takes it. Everything has a default. */
export interface PluginGuestOptions extends MemoryLimits {
  /** @default "echo" */
  readonly name?: string;
  /** @default "1.0.0" */
  readonly version?: string;
  /** @default 1 */
  readonly abiVersion?: number;
  /** Put before every answer of the tool `echo`, so that versions can be told apart. @default "" */
  readonly prefix?: string;
  /** Import `env.host_http_request`, and offer the tools that use it. @default false */
  readonly http?: boolean;
  /** Keys that the metadata names as credentials. @default [] */
  readonly credentialKeys?: readonly string[];
}

/** What the parts of a plugin under construction share. */
export interface PluginKit extends Allocator, TextKit {
  readonly wasm: WasmBuilder;
  /** `env.host_log(pointer, byteLength)` */
  readonly hostLog: FunctionRef<readonly ['i32', 'i32'], 'void'>;
  /** `env.host_http_request(span) -> span`; throws while assembling where the guest is without HTTP. */
  readonly hostHttp: FunctionRef<readonly ['i64'], 'i64'>;
  /** The argument `message` of the running call, read from linear memory: a second call inside the same instance replaces it. */
  readonly message: Code<'i64'>;
  /** `wasi_snapshot_preview1.proc_exit(code)`; throws while assembling where the guest is without WASI. */
  readonly exit: FunctionRef<readonly ['i32'], 'void'>;
  /** Bytes in static data. */
  bytes(content: Uint8Array): Code<'i64'>;
  /** A text in static data. */
  text(content: string): Code<'i64'>;
  /** Logs a text and the bytes of a span as one line. */
  log(text: string, bytes: Code<'i64'>): Code<'void'>;
  /** A fresh block with a copy of the text: what a guest returns, and the host frees. */
  reply(text: string): Code<'i64'>;
  /** `{"data":"<prefix><bytes>"}` in a fresh block. */
  data(bytes: Code<'i64'>): Code<'i64'>;
  /** Frees what a span points at. */
  release(span: Code<'i64'>): Code<'void'>;
}

/** One more tool of a guest: the statements it runs and the span it answers. */
export interface GuestTool {
  readonly name: string;
  body(kit: PluginKit, scope: FunctionScope<readonly ['i64'], 'i64'>, input: Variable<'i64'>): Body<'i64'>;
}

/** The exports that answer a text without being asked anything. */
export type Speech = 'name' | 'metadata' | 'tools' | 'compact_specs';

/** Faults and additions of a guest, over the well-behaved one. */
export interface PluginParts {
  readonly tools?: readonly GuestTool[];
  /** Exports that are left out. */
  readonly without?: readonly PluginExport[];
  /** Statements run before an export's own; a trap here means that the export always traps. */
  readonly before?: Partial<Record<PluginExport, (kit: PluginKit) => readonly Code<'void'>[]>>;
  /** Spans answered instead of the right ones. */
  readonly answers?: Partial<Record<Speech, (kit: PluginKit) => Code<'i64'>>>;
  /** Import `proc_exit` of WASI preview 1. @default false */
  readonly wasi?: boolean;
  /** Requests of at least so many bytes get null from `malloc`. @default none */
  readonly mallocLimitBytes?: number;
  /** Other names for exports. */
  readonly names?: Partial<Record<PluginExport, string>>;
  /** About how much unused code to add. @default 0 */
  readonly unusedCodeBytes?: number;
  /** What `configure` answers. @default nothing: accepted */
  readonly refusal?: string;
  /** What `healthy` answers. @default 1 */
  readonly health?: number;
}
