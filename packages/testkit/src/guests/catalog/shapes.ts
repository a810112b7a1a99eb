import { type Code, call, flow, i32, i64 } from '../instructions.ts';
import { assemblePlugin } from '../plugin-guest.ts';
import { spanOf } from '../plugin-kit.ts';
import type { PluginExport, PluginGuestOptions, PluginKit, Speech } from '../plugin-parts.ts';
import { WasmBuilder } from '../wasm-builder.ts';

/** Leaves out `malloc` and `free`. */
export function noAllocatorGuest(options: PluginGuestOptions = {}): Uint8Array<ArrayBuffer> {
  return assemblePlugin(options, { without: ['malloc', 'free'] });
}

/** Leaves out one export. */
export function missingExportGuest(
  options: PluginGuestOptions & { readonly missing: PluginExport },
): Uint8Array<ArrayBuffer> {
  return assemblePlugin(options, { without: [options.missing] });
}

/** Its `malloc` answers null to requests of `fromBytes` or more. */
export function nullMallocGuest(
  options: PluginGuestOptions & { /** @default 0: always */ readonly fromBytes?: number } = {},
): Uint8Array<ArrayBuffer> {
  return assemblePlugin(options, { mallocLimitBytes: options.fromBytes ?? 0 });
}

/** States version 2 of the plugin ABI. */
export function wrongAbiVersionGuest(options: PluginGuestOptions = {}): Uint8Array<ArrayBuffer> {
  return assemblePlugin({ ...options, abiVersion: 2 });
}

/** Its `configure` answers an error message. */
export function refusingGuest(
  options: PluginGuestOptions & { /** @default "the key is wrong" */ readonly reason?: string } = {},
): Uint8Array<ArrayBuffer> {
  return assemblePlugin(options, { refusal: options.reason ?? 'the key is wrong' });
}

/** Its `healthy` answers 0. */
export function unhealthyGuest(options: PluginGuestOptions = {}): Uint8Array<ArrayBuffer> {
  return assemblePlugin(options, { health: 0 });
}

/**
 * Answers a span that no host may follow: `outside` memory, `four-gib` (length 4 GiB - 1), or `overlapping` (its own input, which the
 * host would then free twice). In the tool `misbehave`, or in the export named by `in`.
 */
export function lyingSpanGuest(
  options: PluginGuestOptions & { readonly lie: 'outside' | 'four-gib' | 'overlapping'; readonly in?: Speech },
): Uint8Array<ArrayBuffer> {
  const outside = spanOf(i32.const(0x7fff_0000), i32.const(16));
  const fourGib = spanOf(i32.const(1024), i32.const(-1));
  return answering(options, (_kit, input) => ({ outside, 'four-gib': fourGib, overlapping: input })[options.lie]);
}

/** Answers bytes that are not UTF-8. In the tool `misbehave`, or in the export named by `in`. */
export function invalidUtf8Guest(options: PluginGuestOptions & { readonly in?: Speech } = {}): Uint8Array<ArrayBuffer> {
  return answering(options, (kit) =>
    call(kit.join, kit.bytes(Uint8Array.of(0xff, 0xfe, 0xc3, 0x28)), i64.const(0n), i64.const(0n)),
  );
}

/** Answers text that is not JSON; in `execute` that is an ordinary answer, so an export has to be named. */
export function invalidJsonGuest(
  options: PluginGuestOptions & {
    readonly in: Exclude<Speech, 'name'> /** @default "{not json" */;
    readonly text?: string;
  },
): Uint8Array<ArrayBuffer> {
  return answering(options, (kit) => kit.reply(options.text ?? '{not json'));
}

function answering(
  options: PluginGuestOptions & { readonly in?: Speech },
  answer: (kit: PluginKit, input: Code<'i64'>) => Code<'i64'>,
): Uint8Array<ArrayBuffer> {
  if (options.in)
    return assemblePlugin(options, { answers: { [options.in]: (kit: PluginKit) => answer(kit, i64.const(0n)) } });
  return assemblePlugin(options, {
    tools: [{ name: 'misbehave', body: (kit, _scope, input) => [answer(kit, input.get)] }],
  });
}

/** Imports a function that no host gives: `env.open_the_pod_bay_doors`. */
export function unknownImportGuest(): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const mystery = wasm.import('env', 'open_the_pod_bay_doors', [], 'void');
  wasm.function({ params: [], result: 'i64', export: 'name' }, () => [call(mystery), i64.const(0n)]);
  return wasm.build();
}

/** Ends itself with a WASI exit code in the tool `misbehave`. */
export function exitingGuest(
  options: PluginGuestOptions & { /** @default 1 */ readonly exitCode?: number } = {},
): Uint8Array<ArrayBuffer> {
  return assemblePlugin(options, {
    wasi: true,
    tools: [
      {
        name: 'misbehave',
        body: (kit) => [call(kit.exit, i32.const(options.exitCode ?? 1)), flow.trap('i64')],
      },
    ],
  });
}

/** Names its allocator as Go guests do: `guest_malloc` and `guest_free`. */
export function guestPrefixGuest(options: PluginGuestOptions = {}): Uint8Array<ArrayBuffer> {
  return assemblePlugin(options, { names: { malloc: 'guest_malloc', free: 'guest_free' } });
}

/**
 * Logs `enter <export>` and `leave <export>` in every export, not only in `execute`, so that a trace shows whether one of them got in
 * while a call was inside.
 */
export function talkativeGuest(options: PluginGuestOptions = {}): Uint8Array<ArrayBuffer> {
  const speak = (field: PluginExport) => (kit: PluginKit) => [
    kit.log(`enter ${field}`, i64.const(0n)),
    kit.log(`leave ${field}`, i64.const(0n)),
  ];
  const fields = ['name', 'metadata', 'tools', 'configure', 'healthy', 'compact_specs'] as const;
  return assemblePlugin(options, { before: Object.fromEntries(fields.map((field) => [field, speak(field)])) });
}

/** A version of the plugin `versioned`: its metadata says `version`, and its tool `echo` answers `<version>:<message>`. */
export function versionGuest(version: string, options: PluginGuestOptions = {}): Uint8Array<ArrayBuffer> {
  return assemblePlugin({ name: 'versioned', ...options, version, prefix: `${version}:` });
}

/** The echo plugin with about `codeBytes` of working but unused code, exported as `unused_<n>`, so that compiling it costs something. */
export function bulkyGuest(options: PluginGuestOptions & { readonly codeBytes: number }): Uint8Array<ArrayBuffer> {
  return assemblePlugin(options, { unusedCodeBytes: options.codeBytes });
}
