import { cachedDataVersionTag, setFlagsFromString } from 'node:v8';
import type { CodeSerializer } from './code-serializer.ts';

/** What came out: V8's bytes, and for which functions they are. */
export interface OptimizedCode {
  readonly code: Uint8Array<ArrayBuffer>;
  readonly kind: 'all' | 'profile';
}

// Flags whose default is on: switching them back restores the exact flag hash, which the code carries. Since V8 14
// TurboFan insists on call feedback unless the last two are off, and code made ahead of time has none.
const ON_BY_DEFAULT = ['liftoff', 'wasm-lazy-compilation', 'wasm-dynamic-tiering', 'wasm-tier-up'];
const ON_SINCE_V8_14 = ['wasm-inlining-call-indirect', 'wasm-deopt'];

// (module (func (export "f") (result i32) i32.const 0)): the smallest module that V8 has code for
const SMALLEST = Uint8Array.from(
  Buffer.from('0061736d010000000105016000017f03020100070501016600000a0601040041000b', 'hex'),
);

// Words of V8's header: magic number, version, CPU features, flags. Source: v8/src/wasm/wasm-serialization.cc.
const FLAGS_WORD = { from: 12, to: 16 } as const;

/**
 * Optimises a module's functions: those its profile marks as used, or all where there is none or V8 refuses it. Only
 * for a process that does nothing else: V8's flags are switched meanwhile, and other wasm code would not survive that.
 *
 * @throws Error when V8's flags cannot be brought back.
 */
export function optimize(
  serializer: CodeSerializer,
  wire: Uint8Array<ArrayBuffer>,
  profile: Uint8Array | null,
): OptimizedCode | null {
  const flagsBefore = cachedDataVersionTag();
  switchFlags('no-');
  const used = profile === null ? null : compileProfile(serializer, wire, profile);
  const module = used ?? new WebAssembly.Module(wire);
  switchFlags('');
  if (cachedDataVersionTag() !== flagsBefore) throw new Error('the flags of V8 did not come back');
  const code = serializer.serialize(module);
  return code && { code, kind: used ? 'profile' : 'all' };
}

/**
 * A profile is what V8 serialised in the user's process. Loaded where the baseline compiler is off, V8 compiles each
 * function that had run with TurboFan, and keeps those that were optimised. It was made under the user's flags, so the
 * one word of its header that names them is exchanged; all others have to agree.
 */
function compileProfile(
  serializer: CodeSerializer,
  wire: Uint8Array,
  profile: Uint8Array,
): WebAssembly.Module | undefined {
  const ours = serializer.serialize(new WebAssembly.Module(SMALLEST));
  if (ours === null || !Buffer.from(ours.subarray(0, FLAGS_WORD.from)).equals(profile.subarray(0, FLAGS_WORD.from))) {
    return undefined;
  }
  const adapted = profile.slice();
  adapted.set(ours.subarray(FLAGS_WORD.from, FLAGS_WORD.to), FLAGS_WORD.from);
  const module = serializer.load(wire, adapted);
  return module === 'refused' ? undefined : module;
}

function switchFlags(prefix: '' | 'no-'): void {
  const v8Major = Number.parseInt(process.versions.v8, 10);
  const names = v8Major >= 14 ? [...ON_BY_DEFAULT, ...ON_SINCE_V8_14] : ON_BY_DEFAULT;
  for (const name of names) setFlagsFromString(`--${prefix}${name}`);
}
