import { ComponentBuilder, type WitFunction } from '../component-builder.ts';
import {
  type Code,
  call,
  type FunctionRef,
  flow,
  i32,
  i64,
  memory,
  type ResultType,
  type ValueType,
} from '../instructions.ts';
import { WasmBuilder } from '../wasm-builder.ts';
import { HTTP, type LoweredFunction, RUN } from './component-imports.ts';
import {
  defineAnswer,
  defineLines,
  MISBEHAVIOUR,
  makeRoom,
  READ_BYTES,
  type ServerPipes,
  type ToolBody,
} from './server-answer.ts';

/** Memory is of a module of its own, since functions are lowered with it before the server is there. */
const HEAP = 'heap';
const HOST = 'host';
/** What the host hands over is put here, one list at a time; what is read begins behind it. */
const GIVEN = 65_536;
const BUFFER = GIVEN + READ_BYTES;
const PAGES = 4;
/** As much as WASI lets be written at once. */
const WRITE_BYTES = 4_096;
const [NOTHING_TO_SAY, NO_STREAM] = [202, 405];

/**
 * The server of {@link serverGuest} as a component of WASI 0.2, which exports `wasi:cli/run` ("run") or `wasi:http/incoming-handler` ("http"). What
 * a server over HTTP keeps in memory, it keeps for one request.
 */
export function componentServerGuest(
  servedAs: 'run' | 'http',
  tools: Readonly<Record<string, ToolBody>> = MISBEHAVIOUR,
  version = '1',
): Uint8Array<ArrayBuffer> {
  const isRun = servedAs === 'run';
  const { imports, lowered } = isRun ? RUN : HTTP;
  const component = new ComponentBuilder();
  const instances = new Map<string, number>();
  const types = new Map<string, number>();
  const of = (key: string): number => {
    const [from = '', name = ''] = key.split('#');
    const known = types.get(key) ?? component.alias('type', instances.get(from) as number, name);
    types.set(key, known);
    return known;
  };
  for (const [from, items] of Object.entries(imports)) {
    const given = typeof items === 'function' ? items(of) : items;
    instances.set(from, component.importInstance(`${from}@0.2.0`, given));
  }
  const heap = component.coreInstance(component.coreModule(heapModule()));
  const options = {
    memory: component.coreAlias('memory', heap, 'memory'),
    realloc: component.coreAlias('function', heap, 'realloc'),
  };
  const given = lowered.map(({ from, name }) => {
    const func = component.alias('func', instances.get(from) as number, name);
    return [name, component.lower(func, options)] as const;
  });
  const host = component.coreFunctions(Object.fromEntries(given));
  const module = component.coreModule(serverModule(lowered, isRun, tools, version));
  const core = component.coreAlias('function', component.coreInstance(module, { [HOST]: host, [HEAP]: heap }), 'serve');
  const type: WitFunction = isRun ? { params: {}, result: { result: [null, null] } } : { params: asked(of) };
  const lifted = component.lift(core, component.functionType(type), options);
  const [exported, name] = isRun ? ['wasi:cli/run', 'run'] : ['wasi:http/incoming-handler', 'handle'];
  component.export(`${exported}@0.2.0`, 'instance', component.functions({ [name as string]: lifted }));
  return component.build();
}

function asked(of: (key: string) => number): WitFunction['params'] {
  return {
    request: { own: of('wasi:http/types#incoming-request') },
    'response-out': { own: of('wasi:http/types#response-outparam') },
  };
}

function heapModule(): Uint8Array {
  const wasm = new WasmBuilder({ minPages: PAGES });
  wasm.function({ params: ['i32', 'i32', 'i32', 'i32'], result: 'i32', export: 'realloc' }, () => [i32.const(GIVEN)]);
  return wasm.build();
}

function serverModule(
  lowered: readonly LoweredFunction[],
  isRun: boolean,
  tools: Readonly<Record<string, ToolBody>>,
  version: string,
): Uint8Array {
  const wasm = new WasmBuilder({ minPages: PAGES, from: HEAP });
  const functions = new Map<string, FunctionRef<readonly ValueType[], ResultType>>(
    lowered.map(({ name, params, result }) => [name, wasm.import(HOST, name, params, result)]),
  );
  const host = <R extends ResultType>(name: string, ...operands: readonly Code<ValueType>[]): Code<R> =>
    call(functions.get(name) as FunctionRef<readonly ValueType[], R>, ...operands);
  /** Where an answer of the host is put, and what of it follows after whether it went well. */
  const answerAt = i32.const(wasm.reserve(16).pointer);
  const [payload, more] = [4, 8].map((offset) => i32.load(i32.add(answerAt, i32.const(offset)))) as [
    Code<'i32'>,
    Code<'i32'>,
  ];
  const [input, output, log] = [wasm.global('i32', 0n), wasm.global('i32', 0n), wasm.global('i32', 0n)];
  const [answering, body] = [wasm.global('i32', 0n), wasm.global('i32', 0n)];

  /** Says with which status it answers, and opens the body. */
  const begin = (status: Code<'i32'>): readonly Code<'void'>[] => {
    const [header, json] = [wasm.text('content-type'), wasm.text('application/json')];
    const fields = input; // which has been read to its end
    return [
      fields.set(host('[constructor]fields')),
      host(
        '[method]fields.append',
        fields.get,
        ...[header, json].flatMap(({ pointer, byteLength }) => [i32.const(pointer), i32.const(byteLength)]),
        answerAt,
      ),
      output.set(host('[constructor]outgoing-response', fields.get)),
      flow.drop(host<'i32'>('[method]outgoing-response.set-status-code', output.get, status)),
      host('[method]outgoing-response.body', output.get, answerAt),
      body.set(payload),
      host(
        '[static]response-outparam.set',
        ...[answering.get, i32.const(0), output.get, i32.const(0), i64.const(0n)],
        ...Array.from({ length: 4 }, () => i32.const(0)),
      ),
      host('[method]outgoing-body.write', body.get, answerAt),
      output.set(payload),
    ];
  };
  const write = wasm.function({ params: ['i32', 'i32', 'i32'], result: 'void' }, ({ local }, fd, from, length) => {
    const [stream, count] = [local('i32'), local('i32')];
    const open = isRun ? [output.set(host('get-stdout'))] : begin(i32.const(200));
    return [
      flow.if(
        i32.eq(fd.get, i32.const(1)),
        [flow.if(i32.eqz(output.get), open), stream.set(output.get)],
        [flow.if(i32.eqz(log.get), [log.set(host('get-stderr'))]), stream.set(log.get)],
      ),
      flow.while(length.get, [
        count.set(flow.either(i32.gtU(length.get, i32.const(WRITE_BYTES)), i32.const(WRITE_BYTES), length.get)),
        host('[method]output-stream.blocking-write-and-flush', stream.get, from.get, count.get, answerAt),
        from.set(i32.add(from.get, count.get)),
        length.set(i32.sub(length.get, count.get)),
      ]),
    ];
  });
  const read = wasm.function({ params: ['i32'], result: 'i32' }, (_, to) => [
    host('[method]input-stream.blocking-read', input.get, i64.const(BigInt(READ_BYTES)), answerAt),
    flow.if(i32.load8(answerAt), [flow.return(i32.const(0))]),
    memory.copy(to.get, payload, more),
    more,
  ]);
  const pipes: ServerPipes = {
    read: (to) => call(read, to),
    write: (fd, from, byteLength) => call(write, i32.const(fd), from, byteLength),
    exit: (code) => host('exit', i32.const(code === 0 ? 0 : 1)),
  };
  const answer = defineAnswer(wasm, { tools, version, pipes });
  if (isRun) {
    const lines = defineLines(wasm, pipes, answer, BUFFER);
    wasm.function({ params: [], result: 'i32', export: 'serve' }, () => [
      input.set(host('get-stdin')),
      call(lines),
      i32.const(0),
    ]);
    return wasm.build();
  }
  wasm.function({ params: ['i32', 'i32'], result: 'void', export: 'serve' }, ({ local }, request, outparam) => {
    const [end, count] = [local('i32'), local('i32')];
    const silence = flow.either(i32.eq(end.get, i32.const(BUFFER)), i32.const(NO_STREAM), i32.const(NOTHING_TO_SAY));
    return [
      answering.set(outparam.get),
      host('[method]incoming-request.consume', request.get, answerAt),
      host('[method]incoming-body.stream', payload, answerAt),
      input.set(payload),
      end.set(i32.const(BUFFER)),
      count.set(i32.const(1)),
      flow.while(count.get, [makeRoom(end.get), count.set(call(read, end.get)), end.set(i32.add(end.get, count.get))]),
      call(answer, i32.const(BUFFER), end.get),
      flow.if(i32.eqz(output.get), begin(silence)),
      host<'void'>('[static]outgoing-body.finish', body.get, i32.const(0), i32.const(0), answerAt),
    ];
  });
  return wasm.build();
}
