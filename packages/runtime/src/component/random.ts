import { randomFillSync } from 'node:crypto';
import type { HostInterface } from './host-function.ts';

const MOST_BYTES = 1_048_576;

function bytes(length: bigint): Uint8Array {
  if (length > MOST_BYTES)
    throw new WebAssembly.RuntimeError(`more than ${MOST_BYTES} random bytes are asked for at once`);
  return randomFillSync(new Uint8Array(Number(length)));
}

function word(): bigint {
  return randomFillSync(new BigUint64Array(1))[0] as bigint;
}

/** `wasi:random`: what is called insecure is as good as the rest. */
export const randomInterfaces: Readonly<Record<string, HostInterface>> = {
  'wasi:random/random': { 'get-random-bytes': bytes, 'get-random-u64': word },
  'wasi:random/insecure': { 'get-insecure-random-bytes': bytes, 'get-insecure-random-u64': word },
  'wasi:random/insecure-seed': { 'insecure-seed': () => [word(), word()] },
};
