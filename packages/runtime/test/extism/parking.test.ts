import { builtInDialects, type Dialect, exportState } from '@lockgate/abi';
import { call, i32, i64, WasmBuilder } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { Guest } from '../../src/guest/guest.ts';
import type { GuestState } from '../../src/guest/guest-state.ts';
import { GuestLog } from '../../src/host/guest-log.ts';
import { defineKit } from './extism-kit.ts';

const extism = builtInDialects.find(({ id }) => id === 'extism') as Dialect;

/** A plug-in that counts its calls, and tells a setting and a variable, which it then sets. */
function remembering(): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const kit = defineKit(wasm);
  const count = wasm.global('i32', 0n);
  const isThere = (handle: ReturnType<typeof kit.block>) => i32.ne(i32.wrap(handle), i32.const(0));
  wasm.function({ params: [], result: 'i32', export: 'tell' }, () => {
    const sum = i32.add(
      i32.mul(isThere(call(kit.variable, kit.block('v'))), i32.const(2)),
      i32.mul(isThere(call(kit.config, kit.block('key'))), i32.const(4)),
    );
    return [
      count.set(i32.add(count.get, i32.const(1))),
      kit.sayDigit(i32.add(count.get, sum)),
      call(kit.setVariable, kit.block('v'), call(kit.alloc, i64.const(1n))),
      i32.const(0),
    ];
  });
  return wasm.build();
}

async function start(state?: GuestState): Promise<Guest> {
  return Guest.start({
    module: await WebAssembly.compile(exportState(remembering())),
    dialect: extism,
    memoryCeilingBytes: 1_048_576,
    maxMessageBytes: 65_536,
    host: { http: () => '', backend: () => undefined, functions: () => undefined },
    sleep: () => {},
    grants: { storage: [], env: {} },
    waiting: 'blocks',
    log: new GuestLog(() => {}, 10),
    onWarning: () => {},
    parks: true,
    state,
  });
}

test('a parked plug-in for Extism goes on with its memory, settings and variables', async () => {
  const first = await start();
  const tell = (guest: Guest): unknown => guest.call('execute', 'tell\n');
  expect(tell(first)).toBe('1');
  first.call('configure', '{"key":"value"}');
  expect(tell(first)).toBe(String(2 + 2 + 4));
  const second = await start(structuredClone(first.park()));
  expect(tell(second)).toBe(String(3 + 2 + 4));
});
