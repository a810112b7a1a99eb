import type { HostFunction, WaitingFunction } from '../../capabilities/host.ts';
import type { ImportRule } from '../../dialect.ts';
import type { Kernel } from './kernel.ts';

/** The module that guests of Extism import the kernel from. */
export const KERNEL_MODULE = 'extism:host/env';

const SIGNATURES: Readonly<Record<string, string>> = {
  alloc: '(i64) -> i64',
  free: '(i64) -> ()',
  length: '(i64) -> i64',
  length_unsafe: '(i64) -> i64',
  load_u8: '(i64) -> i32',
  load_u64: '(i64) -> i64',
  store_u8: '(i64, i32) -> ()',
  store_u64: '(i64, i64) -> ()',
  input_length: '() -> i64',
  input_offset: '() -> i64',
  input_load_u8: '(i64) -> i32',
  input_load_u64: '(i64) -> i64',
  output_set: '(i64, i64) -> ()',
  error_set: '(i64) -> ()',
  error_get: '() -> i64',
  config_get: '(i64) -> i64',
  var_get: '(i64) -> i64',
  var_set: '(i64, i64) -> ()',
  http_request: '(i64, i64) -> i64',
  http_status_code: '() -> i32',
  http_headers: '() -> i64',
  log_trace: '(i64) -> ()',
  log_debug: '(i64) -> ()',
  log_info: '(i64) -> ()',
  log_warn: '(i64) -> ()',
  log_error: '(i64) -> ()',
  get_log_level: '() -> i32',
};

/** Everything that PDKs import of the kernel. Source: EXTISM.md §1.2. */
export const KERNEL_RULES: readonly ImportRule[] = Object.entries(SIGNATURES).map(([name, signature]) => ({
  module: KERNEL_MODULE,
  name,
  signature,
  capability: name === 'http_request' ? 'http' : name.startsWith('log_') ? 'log' : 'kernel',
}));

/** Debug and above: the log decides what it keeps, and counts lines beyond a call's budget. */
const LOG_LEVEL = 1;

/**
 * The kernel as a guest imports it. Addresses come signed, and as numbers: those beyond 2^53 lie outside of any memory, so
 * that what they lose does not matter.
 */
export function kernelFunctions(kernel: Kernel, http: WaitingFunction): Readonly<Record<string, HostFunction>> {
  const { arena, code } = kernel;
  return {
    ...code,
    alloc: (byteLength: bigint) => BigInt(kernel.allocate(Number(byteLength))),
    free: (handle: bigint) => kernel.free(Number(handle)),
    length: (handle: bigint) => BigInt(arena.lengthOf(Number(handle))),
    length_unsafe: (handle: bigint) => BigInt(arena.lengthOf(Number(handle))),
    output_set: (address: bigint, byteLength: bigint) => kernel.setOutput(Number(address), Number(byteLength)),
    error_set: (handle: bigint) => kernel.setError(Number(handle)),
    error_get: () => BigInt(kernel.errorHandle),
    config_get: (key: bigint) => BigInt(kernel.setting(Number(key))),
    var_get: (key: bigint) => BigInt(kernel.variable(Number(key))),
    var_set: (key: bigint, value: bigint) => kernel.setVariable(Number(key), Number(value)),
    http_request: http,
    http_status_code: () => kernel.httpStatus,
    // Extism gives them only where its embedder allows it.
    http_headers: () => 0n,
    log_trace: (message: bigint) => kernel.log('debug', Number(message)),
    log_debug: (message: bigint) => kernel.log('debug', Number(message)),
    log_info: (message: bigint) => kernel.log('info', Number(message)),
    log_warn: (message: bigint) => kernel.log('warn', Number(message)),
    log_error: (message: bigint) => kernel.log('error', Number(message)),
    get_log_level: () => LOG_LEVEL,
  };
}
