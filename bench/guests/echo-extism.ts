import { type Code, call, flow, i32, i64, memory, WasmBuilder } from '@lockgate/testkit';
import { ANSWER_END, ANSWER_START, MESSAGE_START } from './echo-protocol.ts';

const HOST = 'extism:host/env';
/** Where the guest puts its input; the answer comes right behind. */
const INPUT = 65_536;

const load64 = (address: Code<'i32'>): Code<'i64'> => ({ type: 'i64', bytes: [...address.bytes, 0x29, 0, 0] });

/**
 * The echo plugin for Extism: the same bytes in, the same bytes out. It moves them as Extism's plug-in kits do, eight
 * at a time through the kernel's `input_load_u64` and `store_u64`, since that kernel has nothing larger.
 */
export function echoExtism(): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const inputLength = wasm.import(HOST, 'input_length', [], 'i64');
  const inputLoad8 = wasm.import(HOST, 'input_load_u8', ['i64'], 'i32');
  const inputLoad64 = wasm.import(HOST, 'input_load_u64', ['i64'], 'i64');
  const alloc = wasm.import(HOST, 'alloc', ['i64'], 'i64');
  const store8 = wasm.import(HOST, 'store_u8', ['i64', 'i32'], 'void');
  const store64 = wasm.import(HOST, 'store_u64', ['i64', 'i64'], 'void');
  const outputSet = wasm.import(HOST, 'output_set', ['i64', 'i64'], 'void');
  const answerStart = wasm.text(ANSWER_START);
  const answerEnd = wasm.text(ANSWER_END);

  wasm.function({ params: [], result: 'i32', export: 'execute' }, (scope) => {
    const length = scope.local('i32');
    const at = scope.local('i32');
    const answer = scope.local('i32');
    const target = scope.local('i64');
    const next = (bytes: number): Code<'void'> => at.set(i32.add(at.get, i32.const(bytes)));
    const isLeft = (bytes: number): Code<'i32'> => i32.eqz(i32.gtU(i32.add(at.get, i32.const(bytes)), length.get));
    const input = i32.add(i32.const(INPUT), at.get);
    const output = i64Sum(target.get, i64.extend(at.get));
    const neededPages = i32.divU(i32.add(answer.get, i32.add(answer.get, i32.const(65_536))), i32.const(65_536));
    return [
      length.set(i32.wrap(call(inputLength))),
      answer.set(i32.add(i32.const(INPUT), length.get)),
      flow.while(i32.ltU(memory.size, neededPages), [flow.drop(memory.grow(i32.const(1)))]),
      flow.while(isLeft(8), [store64At(input, call(inputLoad64, i64.extend(at.get))), next(8)]),
      flow.while(isLeft(1), [i32.store8(input, call(inputLoad8, i64.extend(at.get))), next(1)]),

      length.set(i32.sub(length.get, i32.const(MESSAGE_START + '"}}'.length))),
      memory.copy(answer.get, i32.const(answerStart.pointer), i32.const(answerStart.byteLength)),
      memory.copy(i32.add(answer.get, i32.const(ANSWER_START.length)), i32.const(INPUT + MESSAGE_START), length.get),
      memory.copy(
        i32.add(i32.add(answer.get, i32.const(ANSWER_START.length)), length.get),
        i32.const(answerEnd.pointer),
        i32.const(answerEnd.byteLength),
      ),
      length.set(i32.add(length.get, i32.const(ANSWER_START.length + ANSWER_END.length))),

      target.set(call(alloc, i64.extend(length.get))),
      at.set(i32.const(0)),
      flow.while(isLeft(8), [call(store64, output, load64(i32.add(answer.get, at.get))), next(8)]),
      flow.while(isLeft(1), [call(store8, output, i32.load8(i32.add(answer.get, at.get))), next(1)]),
      call(outputSet, target.get, i64.extend(length.get)),
      i32.const(0),
    ];
  });
  return wasm.build();
}

function store64At(address: Code<'i32'>, value: Code<'i64'>): Code<'void'> {
  return { type: 'void', bytes: [...address.bytes, ...value.bytes, 0x37, 0, 0] };
}

function i64Sum(left: Code<'i64'>, right: Code<'i64'>): Code<'i64'> {
  return { type: 'i64', bytes: [...left.bytes, ...right.bytes, 0x7c] };
}
