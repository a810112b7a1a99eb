import { defineBulk } from './bulk.ts';
import { FETCH_TOOLS } from './fetch-tools.ts';
import { type Code, call, flow, i32, i64, memory, type ResultType, type ValueType } from './instructions.ts';
import { constantSpan, defineAllocator, defineTextKit, lengthOf, pointerOf, spanOf } from './plugin-kit.ts';
import type { GuestTool, PluginExport, PluginGuestOptions, PluginKit, PluginParts, Speech } from './plugin-parts.ts';
import { type Body, type FunctionScope, WasmBuilder } from './wasm-builder.ts';

const SETTINGS_BYTES = 4096;

/**
 * Assembles a plugin with the tools `echo` (answers its argument `message`), `count` (how many calls this instance has executed),
 * `settings` (the JSON given to `configure`, at most 4 KiB of it), `live-blocks` (allocations in use) and `memory-pages`, and with the
 * parts asked for; with `http` also `fetch-then-echo` and `fetch-url` (see `fetchEchoGuest`). Every call logs `enter <message>` and
 * `leave <message>`, and keeps the message in linear memory in between.
 */
export function assemblePlugin(options: PluginGuestOptions, parts: PluginParts = {}): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder(options);
  const { kit, remember } = defineKit(wasm, options, parts);
  const count = wasm.global('i32', 0n);
  const settings = wasm.reserve(SETTINGS_BYTES);
  const settingsLength = wasm.global('i32', 0n);

  const shape = <const P extends readonly ValueType[], R extends ResultType>(
    field: PluginExport,
    params: P,
    result: R,
  ) =>
    parts.without?.includes(field) ? { params, result } : { params, result, export: parts.names?.[field] ?? field };
  const before = (field: PluginExport): readonly Code<'void'>[] => parts.before?.[field]?.(kit) ?? [];

  const tools: readonly GuestTool[] = [
    { name: 'echo', body: () => [kit.data(kit.message)] },
    { name: 'count', body: (_kit, scope) => answerNumber(kit, scope, count.get) },
    {
      name: 'settings',
      body: () => [
        call(
          kit.join,
          constantSpan(wasm.text('settings:')),
          spanOf(i32.const(settings.pointer), settingsLength.get),
          i64.const(0n),
        ),
      ],
    },
    { name: 'live-blocks', body: (_kit, scope) => answerNumber(kit, scope, kit.live.get) },
    { name: 'memory-pages', body: (_kit, scope) => answerNumber(kit, scope, memory.size) },
    ...(options.http ? FETCH_TOOLS : []),
    ...(parts.tools ?? []),
  ];

  const speech: Readonly<Record<Speech, string>> = {
    name: options.name ?? 'echo',
    metadata: JSON.stringify(metadataOf(options)),
    tools: JSON.stringify(tools.map(({ name }) => definitionOf(name))),
    compact_specs: JSON.stringify({ echo: ['message'] }),
  };
  for (const field of ['name', 'metadata', 'tools', 'compact_specs'] as const) {
    const answer = parts.answers?.[field]?.(kit) ?? kit.reply(speech[field]);
    wasm.function(shape(field, [], 'i64'), () => [...before(field), answer]);
  }

  wasm.function(shape('configure', ['i64'], 'i64'), (_scope, input) => [
    ...before('configure'),
    flow.if(i32.gtU(lengthOf(input.get), i32.const(SETTINGS_BYTES)), [flow.trap('void')]),
    memory.copy(i32.const(settings.pointer), pointerOf(input.get), lengthOf(input.get)),
    settingsLength.set(lengthOf(input.get)),
    parts.refusal === undefined ? i64.const(0n) : kit.reply(parts.refusal),
  ]);

  wasm.function(shape('execute', ['i64'], 'i64'), (scope, input) => {
    const output = scope.local('i64');
    const isCalled = (tool: string) => call(kit.find, input.get, constantSpan(wasm.text(`"tool_name":"${tool}"`)));
    const unknownTool = kit.reply('{"data":"no such tool","is_error":true}');
    const dispatch = tools.reduceRight<readonly Code<'void'>[]>(
      (otherwise, tool) => {
        const body = tool.body(kit, scope, input);
        const answer = body.at(-1) as Code<'i64'>;
        return [
          flow.if(isCalled(tool.name), [...(body.slice(0, -1) as Code<'void'>[]), output.set(answer)], otherwise),
        ];
      },
      [output.set(unknownTool)],
    );
    return [
      ...before('execute'),
      count.set(i32.add(count.get, i32.const(1))),
      ...remember(input.get),
      kit.log('enter ', kit.message),
      ...dispatch,
      kit.log('leave ', kit.message),
      output.get,
    ];
  });

  wasm.function(shape('healthy', [], 'i32'), () => [...before('healthy'), i32.const(parts.health ?? 1)]);
  const mallocLimit = i32.const(parts.mallocLimitBytes ?? -1);
  wasm.function(shape('malloc', ['i32'], 'i32'), (_scope, size) => [
    ...before('malloc'),
    flow.if(i32.geU(size.get, mallocLimit), [flow.return(i32.const(0))]),
    call(kit.malloc, size.get),
  ]);
  wasm.function(shape('free', ['i32'], 'void'), (_scope, block) => [...before('free'), call(kit.free, block.get)]);
  if (parts.before?._initialize) {
    wasm.function(shape('_initialize', [], 'void'), () => before('_initialize'));
  }
  defineBulk(wasm, parts.unusedCodeBytes ?? 0);
  return wasm.build();
}

function defineKit(wasm: WasmBuilder, options: PluginGuestOptions, parts: PluginParts) {
  const hostLog = wasm.import('env', 'host_log', ['i32', 'i32'], 'void');
  const hostHttp = options.http ? wasm.import('env', 'host_http_request', ['i64'], 'i64') : undefined;
  const exit = parts.wasi ? wasm.import('wasi_snapshot_preview1', 'proc_exit', ['i32'], 'void') : undefined;
  const allocator = defineAllocator(wasm);
  const texts = defineTextKit(wasm, allocator);
  const saved = wasm.reserve(8);
  const text = (content: string): Code<'i64'> => constantSpan(wasm.text(content));

  const logLine = wasm.function({ params: ['i64', 'i64'], result: 'void' }, (scope, start, rest) => {
    const line = scope.local('i64');
    return [
      line.set(call(texts.join, start.get, rest.get, i64.const(0n))),
      call(hostLog, pointerOf(line.get), lengthOf(line.get)),
      call(allocator.free, pointerOf(line.get)),
    ];
  });

  const kit: PluginKit = {
    ...allocator,
    ...texts,
    wasm,
    hostLog,
    get hostHttp() {
      if (!hostHttp) throw new TypeError('This guest does not import HTTP: set "http" in its options.');
      return hostHttp;
    },
    get exit() {
      if (!exit) throw new TypeError('This guest does not import WASI: set "wasi" in its parts.');
      return exit;
    },
    bytes: (content) => constantSpan(wasm.bytes(content)),
    text,
    message: spanOf(i32.load(i32.const(saved.pointer)), i32.load(i32.const(saved.pointer + 4))),
    log: (start, rest) => call(logLine, text(start), rest),
    reply: (content) => call(texts.join, text(content), i64.const(0n), i64.const(0n)),
    data: (bytes) => call(texts.join, text(`{"data":"${options.prefix ?? ''}`), bytes, text('"}')),
    release: (span) => call(allocator.free, pointerOf(span)),
  };
  const remember = (input: Code<'i64'>): readonly Code<'void'>[] => [
    i32.store(i32.const(saved.pointer), pointerOf(call(texts.messageOf, input))),
    i32.store(i32.const(saved.pointer + 4), lengthOf(call(texts.messageOf, input))),
  ];
  return { kit, remember };
}

/** Answers a number as text, giving back the block that its digits needed. */
function answerNumber(kit: PluginKit, scope: FunctionScope<readonly ['i64'], 'i64'>, number: Code<'i32'>): Body<'i64'> {
  const digits = scope.local('i64');
  const answer = scope.local('i64');
  return [digits.set(call(kit.decimal, number)), answer.set(kit.data(digits.get)), kit.release(digits.get), answer.get];
}

function metadataOf(options: PluginGuestOptions): Record<string, unknown> {
  return {
    name: options.name ?? 'echo',
    version: options.version ?? '1.0.0',
    abi_version: options.abiVersion ?? 1,
    description: 'A guest of the Lockgate testkit, assembled in code.',
    capabilities: options.http ? ['http'] : [],
    credential_keys: options.credentialKeys ?? [],
    plain_text_keys: [],
    optional_keys: [],
    placeholders: {},
  };
}

function definitionOf(name: string): Record<string, unknown> {
  return {
    name,
    description: `The tool ${name} of a testkit guest.`,
    parameters: { message: 'any text' },
    required: [],
  };
}
