import { assembleGuard, type GuardExport, type GuardFault, type GuardGuestOptions } from '../guard-guest.ts';
import { call, flow, i32, i64, memory } from '../instructions.ts';
import { lengthOf, pointerOf, spanOf } from '../plugin-kit.ts';

/** A well-behaved guard that answers fixed JSON, chosen by rules over the request's text. */
export function guardGuest(options: GuardGuestOptions = {}): Uint8Array<ArrayBuffer> {
  return assembleGuard(options);
}

/** A guard without `alloc` and `dealloc`: the host has to place its buffers into memory itself. */
export function directPlacementGuard(options: GuardGuestOptions = {}): Uint8Array<ArrayBuffer> {
  return assembleGuard({ ...options, allocator: false });
}

/** Where a guard's fault shows. */
export interface GuardFaultOptions extends GuardGuestOptions {
  /** @default "label_resource" */
  readonly in?: GuardExport;
}

/**
 * Answers -2 until the output buffer holds `neededBytes`. With `tells`, the default, it writes the needed size into the buffer's first
 * four bytes; without, the host has to guess.
 */
export function growingGuard(
  options: GuardFaultOptions & { readonly neededBytes: number; readonly tells?: boolean },
): Uint8Array<ArrayBuffer> {
  return faulty(options, (_kit, { output, capacity }) => [
    flow.if(i32.ltU(capacity.get, i32.const(options.neededBytes)), [
      i32.store(output.get, i32.const(options.tells === false ? 0 : options.neededBytes)),
      flow.return(i32.const(-2)),
    ]),
  ]);
}

/** Answers -2 for ever, asking for one byte more than it has. */
export function insatiableGuard(options: GuardFaultOptions = {}): Uint8Array<ArrayBuffer> {
  return faulty(options, (_kit, { output, capacity }) => [
    i32.store(output.get, i32.add(capacity.get, i32.const(1))),
    flow.return(i32.const(-2)),
  ]);
}

/** Answers an error code of its own. */
export function errorCodeGuard(
  options: GuardFaultOptions & { /** Negative, and not -2. @default -7 */ readonly errorCode?: number } = {},
): Uint8Array<ArrayBuffer> {
  return faulty(options, () => [flow.return(i32.const(options.errorCode ?? -7))]);
}

/** Claims to have written more bytes than the buffer holds. */
export function lyingLengthGuard(options: GuardFaultOptions = {}): Uint8Array<ArrayBuffer> {
  return faulty(options, (_kit, { capacity }) => [flow.return(i32.add(capacity.get, i32.const(1)))]);
}

/** Traps ("unreachable"). */
export function trappingGuard(options: GuardFaultOptions = {}): Uint8Array<ArrayBuffer> {
  return faulty(options, () => [flow.trap('void')]);
}

/** Loops for ever. */
export function endlessGuard(options: GuardFaultOptions = {}): Uint8Array<ArrayBuffer> {
  return faulty(options, () => [flow.forever([])]);
}

/** Grows its memory until that is refused, then traps. */
export function greedyGuard(options: GuardFaultOptions = {}): Uint8Array<ArrayBuffer> {
  return faulty(options, () => [flow.while(i32.ne(memory.grow(i32.const(16)), i32.const(-1)), []), flow.trap('void')]);
}

/** Has a parameter too few in one export. */
export function wrongSignatureGuard(options: GuardFaultOptions = {}): Uint8Array<ArrayBuffer> {
  return assembleGuard(options, { wrongSignature: [options.in ?? 'label_resource'] });
}

/** Lacks one export. */
export function missingExportGuard(options: GuardFaultOptions = {}): Uint8Array<ArrayBuffer> {
  return assembleGuard(options, { without: [options.in ?? 'label_resource'] });
}

/** Answers text that is not JSON. */
export function invalidJsonGuard(options: GuardFaultOptions = {}): Uint8Array<ArrayBuffer> {
  const place = options.in ?? 'label_resource';
  return assembleGuard({ ...options, answers: { ...options.answers, [place]: '{not json' } });
}

/**
 * Calls its backend before it answers: the tool `read` with `{"turn":true}`, `times` times, with room for 1 KiB of result. Each time it logs the
 * result at level info; where the call failed it logs `backend error <code>` with the sign dropped.
 */
export function backendGuard(
  options: GuardFaultOptions & {
    /** @default 1 */ readonly times?: number /** @default 1024 */;
    readonly capacityBytes?: number;
  } = {},
): Uint8Array<ArrayBuffer> {
  const capacityBytes = options.capacityBytes ?? 1024;
  return faulty(options, (kit, _request, scope) => {
    const left = scope.local('i32');
    const written = scope.local('i32');
    const result = scope.local('i32');
    const line = scope.local('i64');
    const code = scope.local('i64');
    const tool = kit.text('read');
    const args = kit.text('{"turn":true}');
    const log = (level: number) => call(kit.hostLog, i32.const(level), pointerOf(line.get), lengthOf(line.get));
    return [
      result.set(call(kit.malloc, i32.const(capacityBytes))),
      left.set(i32.const(options.times ?? 1)),
      flow.while(left.get, [
        written.set(
          call(
            kit.callBackend,
            pointerOf(tool),
            lengthOf(tool),
            pointerOf(args),
            lengthOf(args),
            result.get,
            i32.const(capacityBytes),
          ),
        ),
        flow.if(
          i32.ltS(written.get, i32.const(0)),
          [
            code.set(call(kit.decimal, i32.sub(i32.const(0), written.get))),
            line.set(call(kit.join, kit.text('backend error '), code.get, i64.const(0n))),
            log(2),
            call(kit.free, pointerOf(line.get)),
            call(kit.free, pointerOf(code.get)),
          ],
          [line.set(spanOf(result.get, written.get)), log(1)],
        ),
        left.set(i32.sub(left.get, i32.const(1))),
      ]),
      call(kit.free, result.get),
    ];
  });
}

function faulty(options: GuardFaultOptions, fault: GuardFault): Uint8Array<ArrayBuffer> {
  return assembleGuard(options, { before: { [options.in ?? 'label_resource']: fault } });
}
