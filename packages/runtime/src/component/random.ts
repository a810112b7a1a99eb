import { randomFillSync } from 'node:crypto';
import type { HostInterface } from './host-function.ts';

function word(): bigint {
  return randomFillSync(new BigUint64Array(1))[0] as bigint;
}

/**
 * `wasi:random`: what is called insecure is as good as the rest.
 *
 * @param mostBytes - What passes to the guest at once: a guest that asks for more has ended, and before there is any of it.
 */
export function randomInterfaces(mostBytes: number): Readonly<Record<string, HostInterface>> {
  const bytes = (length: bigint): Uint8Array => {
    if (length > mostBytes)
      throw new WebAssembly.RuntimeError(
        `${length} random bytes are asked for, and ${mostBytes} pass to the guest at once; ask for them in several calls`,
      );
    return randomFillSync(new Uint8Array(Number(length)));
  };
  return {
    'wasi:random/random': { 'get-random-bytes': bytes, 'get-random-u64': word },
    'wasi:random/insecure': { 'get-insecure-random-bytes': bytes, 'get-insecure-random-u64': word },
    'wasi:random/insecure-seed': { 'insecure-seed': () => [word(), word()] },
  };
}
