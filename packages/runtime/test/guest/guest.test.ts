import { type Dialect, exportState } from '@lockgate/abi';
import { call, i32, WasmBuilder } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { Guest } from '../../src/guest/guest.ts';
import { GuestLog } from '../../src/host/guest-log.ts';

/** A guest whose one export closes its standard output, under a dialect that knows nothing else. */
async function startCloser(): Promise<Guest> {
  const wasm = new WasmBuilder();
  const close = wasm.import('wasi_snapshot_preview1', 'fd_close', ['i32'], 'i32');
  wasm.function({ params: [], result: 'i32', export: 'close' }, () => [call(close, i32.const(1))]);
  const dialect = {
    role: 'plugin',
    wasi: true,
    parks: true,
    connect: () => ({
      imports: {},
      bind: (exports: WebAssembly.Exports) => ({
        memory: exports.memory as WebAssembly.Memory,
        allocator: { leakedBytes: 0 },
        call: (exportName: string) => (exports[exportName] as () => number)(),
      }),
    }),
  } as unknown as Dialect;
  return Guest.start({
    module: await WebAssembly.compile(exportState(wasm.build())),
    dialect,
    memoryCeilingBytes: 1_048_576,
    maxMessageBytes: 65_536,
    host: { http: () => '', backend: () => undefined, functions: () => undefined },
    grants: { storage: [], env: {} },
    sleep: () => {},
    waiting: 'blocks',
    log: new GuestLog(() => {}, 10),
    onWarning: () => {},
    parks: true,
  });
}

test('a guest that has closed a descriptor stays where it is: in another instance it would be open', async () => {
  const guest = await startCloser();
  expect(guest.park()).toBeDefined();
  expect(guest.call('close', undefined)).toBe(0);
  expect(guest.park()).toBeUndefined();
});
