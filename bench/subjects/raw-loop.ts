interface RawExports {
  readonly memory: WebAssembly.Memory;
  readonly malloc: (size: number) => number;
  readonly free: (pointer: number) => void;
  readonly execute: (span: bigint) => bigint;
  readonly _initialize?: () => void;
}

/** The ABI by hand, as short as it can be written: no lock, no checks, no limits, nothing asynchronous. */
export function rawLoop(bytes: Uint8Array<ArrayBuffer>): (tool: string, args: unknown) => string {
  const imports = { env: { host_http_request: () => 0n, host_log: () => {} } };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  const { memory, malloc, free, execute, _initialize } = instance.exports as unknown as RawExports;
  _initialize?.();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return (tool, args) => {
    const request = encoder.encode(JSON.stringify({ tool_name: tool, args }));
    const given = malloc(request.length) >>> 0;
    new Uint8Array(memory.buffer, given, request.length).set(request);
    const span = BigInt.asUintN(64, execute((BigInt(given) << 32n) | BigInt(request.length)));
    const taken = Number(span >> 32n);
    const text = decoder.decode(new Uint8Array(memory.buffer, taken, Number(span & 0xffff_ffffn)));
    free(taken);
    free(given);
    return (JSON.parse(text) as { data: string }).data;
  };
}
