import type { FunctionRef, WasmBuilder } from '@lockgate/testkit';

type Import<P extends readonly ('i32' | 'i64')[], R extends 'i32' | 'i64' | 'void'> = FunctionRef<P, R>;

/** Extism's kernel as a module under construction imports it. */
export interface KernelImports {
  readonly alloc: Import<readonly ['i64'], 'i64'>;
  readonly free: Import<readonly ['i64'], 'void'>;
  readonly length: Import<readonly ['i64'], 'i64'>;
  readonly lengthUnsafe: Import<readonly ['i64'], 'i64'>;
  readonly loadByte: Import<readonly ['i64'], 'i32'>;
  readonly loadWord: Import<readonly ['i64'], 'i64'>;
  readonly storeByte: Import<readonly ['i64', 'i32'], 'void'>;
  readonly storeWord: Import<readonly ['i64', 'i64'], 'void'>;
  readonly inputLength: Import<readonly [], 'i64'>;
  readonly inputOffset: Import<readonly [], 'i64'>;
  readonly inputByte: Import<readonly ['i64'], 'i32'>;
  readonly inputWord: Import<readonly ['i64'], 'i64'>;
  readonly setOutput: Import<readonly ['i64', 'i64'], 'void'>;
  readonly setError: Import<readonly ['i64'], 'void'>;
  readonly getError: Import<readonly [], 'i64'>;
  readonly config: Import<readonly ['i64'], 'i64'>;
  readonly variable: Import<readonly ['i64'], 'i64'>;
  readonly setVariable: Import<readonly ['i64', 'i64'], 'void'>;
  readonly request: Import<readonly ['i64', 'i64'], 'i64'>;
  readonly status: Import<readonly [], 'i32'>;
  readonly headers: Import<readonly [], 'i64'>;
  readonly log: Import<readonly ['i64'], 'void'>;
  readonly logLevel: Import<readonly [], 'i32'>;
}

/** Imports all of it. */
export function importKernel(wasm: WasmBuilder): KernelImports {
  const module = 'extism:host/env';
  return {
    alloc: wasm.import(module, 'alloc', ['i64'], 'i64'),
    free: wasm.import(module, 'free', ['i64'], 'void'),
    length: wasm.import(module, 'length', ['i64'], 'i64'),
    lengthUnsafe: wasm.import(module, 'length_unsafe', ['i64'], 'i64'),
    loadByte: wasm.import(module, 'load_u8', ['i64'], 'i32'),
    loadWord: wasm.import(module, 'load_u64', ['i64'], 'i64'),
    storeByte: wasm.import(module, 'store_u8', ['i64', 'i32'], 'void'),
    storeWord: wasm.import(module, 'store_u64', ['i64', 'i64'], 'void'),
    inputLength: wasm.import(module, 'input_length', [], 'i64'),
    inputOffset: wasm.import(module, 'input_offset', [], 'i64'),
    inputByte: wasm.import(module, 'input_load_u8', ['i64'], 'i32'),
    inputWord: wasm.import(module, 'input_load_u64', ['i64'], 'i64'),
    setOutput: wasm.import(module, 'output_set', ['i64', 'i64'], 'void'),
    setError: wasm.import(module, 'error_set', ['i64'], 'void'),
    getError: wasm.import(module, 'error_get', [], 'i64'),
    config: wasm.import(module, 'config_get', ['i64'], 'i64'),
    variable: wasm.import(module, 'var_get', ['i64'], 'i64'),
    setVariable: wasm.import(module, 'var_set', ['i64', 'i64'], 'void'),
    request: wasm.import(module, 'http_request', ['i64', 'i64'], 'i64'),
    status: wasm.import(module, 'http_status_code', [], 'i32'),
    headers: wasm.import(module, 'http_headers', [], 'i64'),
    log: wasm.import(module, 'log_info', ['i64'], 'void'),
    logLevel: wasm.import(module, 'get_log_level', [], 'i32'),
  };
}
