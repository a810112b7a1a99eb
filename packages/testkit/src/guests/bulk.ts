import { type Code, i32 } from './instructions.ts';
import type { WasmBuilder } from './wasm-builder.ts';

const STEPS_PER_FUNCTION = 200;
const BYTES_PER_STEP = 11;

/** Adds functions `unused_<n>`, exported so that nothing may drop them, of about `codeBytes` in all. */
export function defineBulk(wasm: WasmBuilder, codeBytes: number): void {
  const functions = Math.ceil(codeBytes / (STEPS_PER_FUNCTION * BYTES_PER_STEP));
  for (let number = 0; number < functions; number += 1) {
    wasm.function({ params: ['i32'], result: 'i32', export: `unused_${number}` }, (_scope, value) => {
      const steps: Code<'void'>[] = [];
      for (let step = 0; step < STEPS_PER_FUNCTION; step += 1) {
        steps.push(value.set(i32.add(value.get, i32.const(0x4000_0000 + number * STEPS_PER_FUNCTION + step))));
      }
      return [...steps, value.get];
    });
  }
}
