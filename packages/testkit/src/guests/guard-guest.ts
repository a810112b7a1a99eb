import { type Code, call, type FunctionRef, flow, i32, memory, type Variable } from './instructions.ts';
import {
  constantSpan,
  defineAllocator,
  defineTextKit,
  lengthOf,
  pointerOf,
  spanOf,
  type TextKit,
} from './plugin-kit.ts';
import { type Body, type FunctionScope, type MemoryLimits, WasmBuilder } from './wasm-builder.ts';

/** The three questions that a host asks a guard. */
export type GuardExport = 'label_agent' | 'label_resource' | 'label_response';

const GUARD_EXPORTS: readonly GuardExport[] = ['label_agent', 'label_resource', 'label_response'];

/** An answer for requests whose JSON contains a text; the first rule that fits wins. */
export interface GuardRule {
  readonly contains: string;
  /** A value to answer as JSON, or text to answer as it is. */
  readonly answer: unknown;
}

/** What a guard answers. Everything has a default: no labels at all, mode strict, operation read. */
export interface GuardGuestOptions extends MemoryLimits {
  /** Export `alloc` and `dealloc`; without them the host places buffers itself. @default true */
  readonly allocator?: boolean;
  readonly answers?: Partial<Record<GuardExport, unknown>>;
  readonly rules?: Partial<Record<GuardExport, readonly GuardRule[]>>;
}

/** What the parts of a guard under construction share. */
export interface GuardKit extends TextKit {
  readonly wasm: WasmBuilder;
  /** `env.host_log(level, pointer, byteLength)` */
  readonly hostLog: FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'>;
  /** `env.call_backend(name, nameLength, args, argsLength, result, resultCapacity)` */
  readonly callBackend: FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'i32'>;
  readonly free: FunctionRef<readonly ['i32'], 'void'>;
  readonly malloc: FunctionRef<readonly ['i32'], 'i32'>;
  text(content: string): Code<'i64'>;
}

/** The four parameters of every guard export. */
export interface GuardCall {
  readonly input: Variable<'i32'>;
  readonly inputLength: Variable<'i32'>;
  readonly output: Variable<'i32'>;
  readonly capacity: Variable<'i32'>;
}

type GuardParams = readonly ['i32', 'i32', 'i32', 'i32'];

/** Statements run before an export answers; they may answer themselves with `flow.return`. */
export type GuardFault = (
  kit: GuardKit,
  request: GuardCall,
  scope: FunctionScope<GuardParams, 'i32'>,
) => readonly Code<'void'>[];

/** Faults and additions of a guard, over the well-behaved one. */
export interface GuardParts {
  readonly before?: Partial<Record<GuardExport, GuardFault>>;
  /** Exports with one parameter too few. */
  readonly wrongSignature?: readonly GuardExport[];
  readonly without?: readonly GuardExport[];
}

const DEFAULT_ANSWERS: Readonly<Record<GuardExport, unknown>> = {
  label_agent: { agent: { secrecy: [], integrity: [] }, difc_mode: 'strict' },
  label_resource: { resource: { description: 'anything', secrecy: [], integrity: [] }, operation: 'read' },
  label_response: '',
};

/**
 * Assembles a guard that answers fixed JSON, chosen by rules, and logs the name of each export that is called at level debug. An
 * answer that does not fit gets -2 with the size needed in the output's first four bytes, where they fit.
 */
export function assembleGuard(options: GuardGuestOptions, parts: GuardParts = {}): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder(options);
  const hostLog = wasm.import('env', 'host_log', ['i32', 'i32', 'i32'], 'void');
  const callBackend = wasm.import('env', 'call_backend', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'i32');
  const allocator = defineAllocator(wasm);
  const text = (content: string): Code<'i64'> => constantSpan(wasm.text(content));
  const kit: GuardKit = { ...defineTextKit(wasm, allocator), ...allocator, wasm, hostLog, callBackend, text };

  const put = wasm.function({ params: ['i64', 'i32', 'i32'], result: 'i32' }, (_scope, answer, output, capacity) => [
    flow.if(i32.gtU(lengthOf(answer.get), capacity.get), [
      flow.if(i32.geU(capacity.get, i32.const(4)), [i32.store(output.get, lengthOf(answer.get))]),
      flow.return(i32.const(-2)),
    ]),
    memory.copy(output.get, pointerOf(answer.get), lengthOf(answer.get)),
    lengthOf(answer.get),
  ]);

  for (const field of GUARD_EXPORTS) {
    if (parts.without?.includes(field)) continue;
    if (parts.wrongSignature?.includes(field)) {
      wasm.function({ params: ['i32', 'i32', 'i32'], result: 'i32', export: field }, () => [i32.const(0)]);
      continue;
    }
    const rules = options.rules?.[field] ?? [];
    const fallback = options.answers?.[field] ?? DEFAULT_ANSWERS[field];
    wasm.function(
      { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32', export: field },
      (scope, input, inputLength, output, capacity): Body<'i32'> => {
        const give = (answer: unknown) => call(put, text(textOf(answer)), output.get, capacity.get);
        const log = text(field);
        return [
          call(hostLog, i32.const(0), pointerOf(log), lengthOf(log)),
          ...(parts.before?.[field]?.(kit, { input, inputLength, output, capacity }, scope) ?? []),
          ...rules.map((rule) =>
            flow.if(call(kit.find, spanOf(input.get, inputLength.get), text(rule.contains)), [
              flow.return(give(rule.answer)),
            ]),
          ),
          give(fallback),
        ];
      },
    );
  }

  if (options.allocator ?? true) {
    wasm.exportFunction('alloc', allocator.malloc);
    wasm.function({ params: ['i32', 'i32'], result: 'void', export: 'dealloc' }, (_scope, block) => [
      call(allocator.free, block.get),
    ]);
  }
  return wasm.build();
}

function textOf(answer: unknown): string {
  return typeof answer === 'string' ? answer : JSON.stringify(answer);
}
