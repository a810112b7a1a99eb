import { type Code, call, flow, i32, memory, type Variable } from '../instructions.ts';
import { assemblePlugin } from '../plugin-guest.ts';
import type { PluginExport, PluginGuestOptions, PluginKit, PluginParts } from '../plugin-parts.ts';

/** Where a fault shows: in the tool `misbehave`, so that `echo` and the rest keep working, or in an export, each time. */
export interface FaultOptions extends PluginGuestOptions {
  /** @default the tool `misbehave` */
  readonly in?: PluginExport;
}

function faulty(options: FaultOptions, fault: (kit: PluginKit) => readonly Code<'void'>[]): Uint8Array<ArrayBuffer> {
  const parts: PluginParts = options.in
    ? { before: { [options.in]: fault } }
    : { tools: [{ name: 'misbehave', body: (kit) => [...fault(kit), kit.data(kit.message)] }] };
  return assemblePlugin(options, parts);
}

/** Traps ("unreachable"). In `free` it is the guest whose every free traps, and which therefore never gets memory back. */
export function trappingGuest(options: FaultOptions = {}): Uint8Array<ArrayBuffer> {
  return faulty(options, () => [flow.trap('void')]);
}

/** Loops for ever without calling the host. */
export function endlessGuest(options: FaultOptions = {}): Uint8Array<ArrayBuffer> {
  return faulty(options, () => [flow.forever([])]);
}

/** Recurses until the engine's stack is full. */
export function recursingGuest(options: FaultOptions = {}): Uint8Array<ArrayBuffer> {
  return faulty(options, ({ wasm }) => {
    const recurse = wasm.function({ params: ['i32'], result: 'i32' }, ({ self }, depth) => [
      i32.add(call(self, i32.add(depth.get, i32.const(1))), i32.const(1)),
    ]);
    return [flow.drop(call(recurse, i32.const(0)))];
  });
}

/**
 * Grows its memory by 1 MiB at a time, touching all of it, until growing is refused; then goes on, and the tool `misbehave` answers its
 * argument; `memory-pages` tells how many pages of 64 KiB there are. Without a ceiling that is 4 GiB: give `maxPages`, or let the host set one.
 */
export function greedyGuest(options: FaultOptions = {}): Uint8Array<ArrayBuffer> {
  return faulty(options, ({ wasm }) => {
    const pagesBefore = wasm.global('i32', 0n);
    const touch = memory.fill(i32.mul(pagesBefore.get, i32.const(65_536)), i32.const(1), i32.const(16 * 65_536));
    return [
      pagesBefore.set(i32.const(0)),
      flow.while(i32.ne(pagesBefore.get, i32.const(-1)), [
        pagesBefore.set(memory.grow(i32.const(16))),
        flow.if(i32.ne(pagesBefore.get, i32.const(-1)), [touch]),
      ]),
    ];
  });
}

/** Says a million things to the log. */
export function chattyGuest(
  options: FaultOptions & { /** @default 1_000_000 */ readonly lines?: number } = {},
): Uint8Array<ArrayBuffer> {
  return faulty(options, (kit) => repeat(kit, options.lines ?? 1_000_000, [kit.log('line ', kit.text('of many'))]));
}

/** Asks the host for a million HTTP requests, one after the other. */
export function hammeringGuest(
  options: FaultOptions & { /** @default 1_000_000 */ readonly requests?: number } = {},
): Uint8Array<ArrayBuffer> {
  return faulty({ ...options, http: true }, (kit) => {
    const response = kit.wasm.global('i64', 0n);
    const request = kit.text('{"method":"GET","url":"http://backend.test/hammer"}');
    return repeat(kit, options.requests ?? 1_000_000, [
      response.set(call(kit.hostHttp, request)),
      kit.release(response.get),
    ]);
  });
}

/** Computes for a while before it is ready; the figure is loop turns, so that no clock is involved. */
export function slowStartGuest(
  options: PluginGuestOptions & { /** @default 50_000_000, some 30 ms */ readonly turns?: number } = {},
): Uint8Array<ArrayBuffer> {
  return faulty({ ...options, in: '_initialize' }, (kit) => repeat(kit, options.turns ?? 50_000_000, []));
}

function repeat({ wasm }: PluginKit, times: number, body: readonly Code<'void'>[]): readonly Code<'void'>[] {
  const left = wasm.global('i32', 0n);
  return [left.set(i32.const(times)), flow.while(left.get, [...body, left.set(i32.sub(left.get, i32.const(1)))])];
}

/**
 * Every `free` traps as the reference Rust SDK's does, and leaves 32 bytes of the guest's own stack of 64 KiB behind each time: after
 * 2,048 of them `execute` traps too. Source: ABI.md §1, "Freeing may trap".
 */
export function stackLeakingGuest(options: PluginGuestOptions = {}): Uint8Array<ArrayBuffer> {
  let framesLeft: Variable<'i32'> | undefined;
  const frames = ({ wasm }: PluginKit) => {
    framesLeft ??= wasm.global('i32', 2048n);
    return framesLeft;
  };
  return assemblePlugin(options, {
    before: {
      free: (kit) => [frames(kit).set(i32.sub(frames(kit).get, i32.const(1))), flow.trap('void')],
      execute: (kit) => [flow.if(i32.ltS(frames(kit).get, i32.const(0)), [flow.trap('void')])],
    },
  });
}
