import { stopAfterTrap } from '../../allocator.ts';
import type { GuestLogLevel } from '../../capabilities/host.ts';
import { insideMemory } from '../../capabilities/inside-memory.ts';
import { writeLogLine } from '../../capabilities/log-line.ts';
import type { BoundGuest, ConnectionSetup, GuardDialect, GuestCall, GuestConnection } from '../../dialect.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import type { Span } from '../../span.ts';
import { callGuard, callGuardAsync, MAX_OUTPUT_BYTES } from './buffers.ts';
import { bindGuard, GUARD_ALLOCATOR, GUARD_SIGNATURES, type GuardExportName, type GuardExports } from './exports.ts';
import {
  decodeLabelAgent,
  decodeLabelResource,
  decodeLabelResponse,
  encodeLabelAgent,
  encodeLabelResource,
  encodeLabelResponse,
} from './messages.ts';

const LEVELS: readonly GuestLogLevel[] = ['debug', 'info', 'warn', 'error'];
const BACKEND_ERROR = -1;
const BACKEND_TOO_SMALL = -2;

/** Name, arguments and result buffer of `call_backend`: a pointer and a length in bytes for each. */
type BackendArguments = [
  name: number,
  nameLength: number,
  args: number,
  argsLength: number,
  result: number,
  capacity: number,
];

/** Guards of the guard ABI. Source: ABI.md §2. */
export const lockgateGuard: GuardDialect = {
  id: 'lockgate-guard',
  title: 'guard',
  role: 'guard',
  guide: 'docs/writing-a-guard.md',
  exports: Object.entries(GUARD_SIGNATURES).map(([name, signature]) => ({ names: [name], signature })),
  allocator: GUARD_ALLOCATOR,
  imports: [
    { module: 'env', name: 'call_backend', signature: '(i32, i32, i32, i32, i32, i32) -> i32', capability: 'backend' },
    { module: 'env', name: 'host_log', signature: '(i32, i32, i32) -> ()', capability: 'log' },
  ],
  wasi: true,
  parks: true,
  memoryCeilingBytes: 32 * 1024 * 1024,
  guaranteedAnswerBytes: MAX_OUTPUT_BYTES,
  namesModule: true,
  codec: {
    labelAgent: { exportName: 'label_agent', encode: encodeLabelAgent, decode: decodeLabelAgent },
    labelResource: { exportName: 'label_resource', encode: encodeLabelResource, decode: decodeLabelResource },
    labelResponse: { exportName: 'label_response', encode: encodeLabelResponse, decode: decodeLabelResponse },
  },
  connect,
};

function connect(setup: ConnectionSetup): GuestConnection {
  const { host } = setup;
  let known: GuestMemory | undefined;
  const memory = (): GuestMemory => {
    if (!known) throw new Error('a host function was called before the guest had its memory');
    return known;
  };
  return {
    imports: {
      env: {
        host_log: (level: number, pointer: number, byteLength: number) =>
          writeLogLine(host.log, memory(), LEVELS[level] ?? 'info', pointer, byteLength),
        call_backend: {
          ask: (...[namePointer, nameLength, argsPointer, argsLength]: BackendArguments) => {
            const tool = insideMemory(() => memory().readText(spanOf(namePointer, nameLength)));
            const args = insideMemory(() => memory().readText(spanOf(argsPointer, argsLength)));
            return tool === undefined || args === undefined ? undefined : host.backend(tool, args);
          },
          finish: (result: Uint8Array | undefined, ...[, , , , pointer, capacity]: BackendArguments) =>
            deliver(memory(), result, pointer >>> 0, capacity >>> 0),
        },
      },
    },
    bind(exports) {
      const bound = bindGuardGuest(exports, setup);
      known = bound.memory;
      return bound;
    },
  };
}

function bindGuardGuest(
  exports: WebAssembly.Exports,
  { promising, onWarning }: ConnectionSetup,
): BoundGuest & { readonly memory: GuestMemory } {
  const guard: GuardExports = bindGuard(exports, {
    onLeak: () => {
      if (guard.allocator) stopAfterTrap(guard.allocator);
    },
    onDirectPlacement: (exportName) =>
      onWarning(
        exportName,
        'guard exports no "alloc" and "dealloc": its buffers lie at the end of memory, over whatever it keeps there',
      ),
  });
  const { memory, allocator, functions, start } = guard;
  const decode = (answer: string): string => answer;
  const call: GuestCall = (name, input = '') => {
    const exportName = name as GuardExportName;
    const question = { exportName, input, decode };
    const exported = functions[exportName];
    return promising
      ? callGuardAsync(guard, { ...question, call: promising(exported) })
      : callGuard(guard, { ...question, call: exported });
  };
  const starting = start && promising ? promising(start) : start;
  return { memory, call, ...(allocator ? { allocator } : {}), ...(starting ? { start: starting } : {}) };
}

/** Writes a result, or where it does not fit its size, into the guest's buffer. Source: ABI.md §2, "Imports". */
function deliver(memory: GuestMemory, result: Uint8Array | undefined, pointer: number, capacity: number): number {
  if (result === undefined) return BACKEND_ERROR;
  const fits = result.byteLength <= capacity;
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, result.byteLength, true);
  const written = fits ? result : capacity >= size.length ? size : size.subarray(0, 0);
  const answer = insideMemory(() => {
    memory.write(pointer, written);
    return fits ? result.byteLength : BACKEND_TOO_SMALL;
  });
  return answer ?? BACKEND_ERROR;
}

function spanOf(pointer: number, byteLength: number): Span {
  return { pointer: pointer >>> 0, byteLength: byteLength >>> 0 };
}
