import type { GivenAnswer, HostCapabilities, WaitingFunction } from '../../capabilities/host.ts';
import type { GivenModule } from '../../dialect.ts';
import { HostRefusal } from './host-refusal.ts';
import type { Kernel } from './kernel.ts';

/** The module that guests of Extism import the functions of their embedder from. */
export const USER_MODULE = 'extism:host/user';

const HANDLES_ONLY = /^\((?:i64(?:, i64)*)?\) -> (?:\(\)|i64)$/;
const NOTHING = new Uint8Array(0);

/** By convention of the PDKs all that such a function takes and gives are handles. Source: EXTISM.md §1.3. */
export const USER_FUNCTIONS: GivenModule = {
  module: USER_MODULE,
  accepts: (signature) => HANDLES_ONLY.test(signature),
  form: 'handles only, as (i64, …) -> i64 or (i64, …) -> ()',
};

/** One function that whoever loads the guest gives it. The guest frees what it hands over, and the answer. */
export function givenFunction(kernel: Kernel, name: string, functions: HostCapabilities['functions']): WaitingFunction {
  return {
    ask: (...handles: bigint[]) =>
      functions(
        name,
        handles.map((handle) => blockOf(kernel, handle)),
      ),
    finish: (answer: GivenAnswer) => BigInt(receive(kernel, name, answer)),
  };
}

/** A copy: the guest goes on while functions still read it. */
function blockOf(kernel: Kernel, handle: bigint): Uint8Array {
  return handle === 0n ? NOTHING : (kernel.bytes(Number(handle))?.slice() ?? NOTHING);
}

/** The handle of the answer; 0 where there is none. @throws HostRefusal for a function that failed */
function receive(kernel: Kernel, name: string, answer: GivenAnswer): number {
  if (answer === undefined) return 0;
  if ('failure' in answer) throw new HostRefusal(`the function "${name}" of the host failed: ${answer.failure}`);
  const handle = kernel.arena.place(answer);
  if (handle === 0 && answer.length > 0)
    throw new HostRefusal(`there is no room for the ${answer.length} bytes that "${name}" answered`);
  return handle;
}
