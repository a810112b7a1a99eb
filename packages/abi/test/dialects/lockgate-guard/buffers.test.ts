import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bindGuard,
  callGuard,
  callGuardAsync,
  type GuardExportName,
  type GuardExports,
  type GuardFunction,
  LockgateError,
} from '../../../src/index.ts';

const MIB = 1024 * 1024;
const PAGE = 65_536;

interface Scripted {
  readonly guard: GuardExports;
  readonly raw: WebAssembly.Memory;
  readonly log: string[];
  readonly warnings: GuardExportName[];
  readonly ask: (input?: string, decode?: (answer: string) => unknown) => unknown;
}

/** What a guard does with its buffers; it answers with `say` or a code of its own. */
type Behaviour = (
  say: (text: string | Uint8Array) => number,
  outputCapacity: number,
  outputPointer: number,
  input: string,
) => number;

/** A guard whose functions are written here, on a real memory. */
function scripted(
  behave: Behaviour,
  options: { alloc?: false | ((size: number) => number); maxPages?: number } = {},
): Scripted {
  const raw = new WebAssembly.Memory({ initial: 2, maximum: options.maxPages ?? 1024 });
  const log: string[] = [];
  const warnings: GuardExportName[] = [];
  let next = PAGE;
  const bump = (size: number): number => {
    const pointer = next;
    next += size;
    const short = next - raw.buffer.byteLength;
    if (short > 0) raw.grow(Math.ceil(short / PAGE));
    return pointer;
  };
  const label: GuardFunction = (inputPointer, inputLength, outputPointer, outputCapacity) => {
    const input = new TextDecoder().decode(new Uint8Array(raw.buffer, inputPointer >>> 0, inputLength));
    log.push(`call ${inputLength} ${outputCapacity}`);
    const say = (text: string | Uint8Array): number => {
      const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
      new Uint8Array(raw.buffer).set(bytes, outputPointer);
      return bytes.length;
    };
    return behave(say, outputCapacity, outputPointer, input);
  };
  const alloc = (size: number): number => {
    const pointer = (options.alloc || bump)(size);
    log.push(`alloc ${size}`);
    return pointer;
  };
  const exports = {
    memory: raw,
    label_agent: label,
    label_resource: label,
    label_response: label,
    ...(options.alloc === false ? {} : { alloc, dealloc: (_: number, size: number) => log.push(`dealloc ${size}`) }),
  };
  const guard = bindGuard(exports as unknown as WebAssembly.Exports, {
    onDirectPlacement: (name) => warnings.push(name),
  });
  const ask: Scripted['ask'] = (input = 'question', decode = (answer) => answer) =>
    callGuard(guard, { exportName: 'label_agent', call: guard.functions.label_agent, input, decode });
  return { guard, raw, log, warnings, ask };
}

/** Answers −2 until the buffer is as large as `needed`; writes down what it needs when `tell` is set. */
const needing =
  (needed: number, raw: () => WebAssembly.Memory, tell: boolean): Behaviour =>
  (say, capacity, pointer) => {
    if (capacity >= needed) return say('enough');
    if (tell) new DataView(raw().buffer).setUint32(pointer, needed, true);
    return -2;
  };

describe('with alloc and dealloc', () => {
  test('both buffers are allocated by the guard and given back', () => {
    const { ask, log, warnings } = scripted((say, _, __, input) => say(`heard ${input}`));
    expect(ask('a question')).toBe('heard a question');
    expect(log).toEqual(['alloc 10', `alloc ${4 * MIB}`, `call 10 ${4 * MIB}`, `dealloc ${4 * MIB}`, 'dealloc 10']);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['an error code', () => -7, { code: 'ABI_GUARD_CODE', guardCode: -7 }],
    ['the error code -1', () => -1, { code: 'ABI_GUARD_CODE', guardCode: -1 }],
    ['a length above the buffer', () => 4 * MIB + 1, { code: 'ABI_GUARD_BUFFER' }],
    ['an answer that is not UTF-8', (say) => say(Uint8Array.of(0xff)), { code: 'ABI_BAD_MESSAGE' }],
  ] satisfies [string, Behaviour, object][])('after %s both are given back too', (_, behave, facts) => {
    const { ask, log } = scripted(behave);
    expect(() => ask()).toThrow(expect.objectContaining(facts));
    expect(log.filter((line) => line.startsWith('dealloc'))).toEqual([`dealloc ${4 * MIB}`, 'dealloc 8']);
  });

  test('when decode throws both are given back', () => {
    const { ask, log } = scripted((say) => say('x'));
    const refuse = (): never => {
      throw new RangeError('no');
    };
    expect(() => ask('12345678', refuse)).toThrow(RangeError);
    expect(log.slice(-2)).toEqual([`dealloc ${4 * MIB}`, 'dealloc 8']);
  });

  test('after a trap the guard is not called again, not even to give back', () => {
    const trap = new WebAssembly.RuntimeError('unreachable');
    const { ask, log } = scripted(() => {
      throw trap;
    });
    expect(() => ask()).toThrow(trap);
    expect(log.at(-1)).toBe(`call 8 ${4 * MIB}`);
  });

  test('without room for the output the input is given back', () => {
    const { ask, log } = scripted((say) => say('x'), { alloc: (size) => (size > 100 ? 0 : PAGE) });
    expect(() => ask()).toThrow(expect.objectContaining({ code: 'ABI_OUT_OF_MEMORY', allocator: 'alloc' }));
    expect(log.at(-1)).toBe('dealloc 8');
  });

  test('a block outside memory is refused before anything is written', () => {
    const { ask } = scripted((say) => say('x'), { alloc: () => -4 });
    expect(() => ask()).toThrow(expect.objectContaining({ code: 'ABI_SPAN_OUT_OF_BOUNDS' }));
  });
});

describe('the output buffer', () => {
  const ladder = (needed: number, tell: boolean): { capacities: string[]; outcome: unknown } => {
    const guard: Scripted = scripted(needing(needed, () => guard.raw, tell));
    let outcome: unknown;
    try {
      outcome = guard.ask();
    } catch (error) {
      outcome = LockgateError.isInstance(error) ? error.code : error;
    }
    const freed = guard.log.filter((line) => line.startsWith('dealloc')).length;
    expect(freed).toBe(guard.log.filter((line) => line.startsWith('alloc')).length);
    return {
      capacities: guard.log.filter((line) => line.startsWith('call')).map((line) => line.split(' ')[2] ?? ''),
      outcome,
    };
  };
  const mib = (...sizes: number[]): string[] => sizes.map((size) => String(size * MIB));

  test('grows to what the guard asks for', () => {
    expect(ladder(5_000_001, true)).toEqual({ capacities: [String(4 * MIB), '5000001'], outcome: 'enough' });
    expect(ladder(16 * MIB, true)).toEqual({ capacities: mib(4, 16), outcome: 'enough' });
  });

  test('doubles where the guard asks for nothing', () => {
    expect(ladder(4 * MIB + 1, false)).toEqual({ capacities: mib(4, 8), outcome: 'enough' });
    expect(ladder(16 * MIB, false)).toEqual({ capacities: mib(4, 8, 16), outcome: 'enough' });
  });

  test('does not grow above 16 MiB nor for a fourth attempt', () => {
    expect(ladder(16 * MIB + 1, true)).toEqual({ capacities: mib(4), outcome: 'ABI_GUARD_BUFFER' });
    expect(ladder(16 * MIB + 1, false)).toEqual({ capacities: mib(4, 8, 16), outcome: 'ABI_GUARD_BUFFER' });
  });

  test('an asked size that would not help counts as none', () => {
    const guard: Scripted = scripted((say, capacity, pointer) => {
      new DataView(guard.raw.buffer).setUint32(pointer, 17, true);
      return capacity > 4 * MIB ? say('enough') : -2;
    });
    expect(guard.ask()).toBe('enough');
  });

  test('what stood in its first bytes before is not taken for an asked size', () => {
    const guard: Scripted = scripted((say, capacity) => (capacity > 4 * MIB ? say('enough') : -2), { alloc: false });
    new Uint8Array(guard.raw.buffer).fill(0xee);
    guard.raw.grow(200);
    new Uint8Array(guard.raw.buffer).fill(0xee);
    expect(guard.ask()).toBe('enough');
  });
});

describe('the input', () => {
  test('above 8 MiB is refused before the call', () => {
    const { ask, log } = scripted((say) => say('x'));
    expect(ask('a'.repeat(8 * MIB))).toBe('x');
    log.length = 0;
    expect(() => ask('a'.repeat(8 * MIB + 1))).toThrow(
      expect.objectContaining({ code: 'ABI_MESSAGE_TOO_LARGE', byteLength: 8 * MIB + 1, limitBytes: 8 * MIB }),
    );
    expect(log).toEqual([]);
  });
});

describe('without alloc or dealloc', () => {
  test('the output lies at the very end of memory and the input right before it', () => {
    const places: number[][] = [];
    const guard = scripted(() => 0, { alloc: false });
    const call: GuardFunction = (...place) => {
      places.push(place);
      return 0;
    };
    callGuard(guard.guard, { exportName: 'label_agent', call, input: 'question', decode: String });
    const end = guard.raw.buffer.byteLength;
    expect(places).toEqual([[end - 4 * MIB - 8, 8, end - 4 * MIB, 4 * MIB]]);
    // Input, output and 64 KiB, in whole pages.
    expect(end).toBe(4 * MIB + 2 * PAGE);
  });

  test('memory grows no further once there is room', () => {
    const { ask, raw } = scripted((say) => say('x'), { alloc: false });
    ask();
    const once = raw.buffer.byteLength;
    ask();
    expect(raw.buffer.byteLength).toBe(once);
  });

  test('a memory that cannot grow is out of memory', () => {
    const { ask } = scripted((say) => say('x'), { alloc: false, maxPages: 8 });
    expect(() => ask()).toThrow(expect.objectContaining({ code: 'ABI_OUT_OF_MEMORY', allocator: 'memory.grow' }));
  });

  test('the first use is told once, with the function', () => {
    const { ask, guard, warnings } = scripted((say) => say('x'), { alloc: false });
    ask();
    ask();
    callGuard(guard, {
      exportName: 'label_response',
      call: guard.functions.label_response,
      input: 'q',
      decode: String,
    });
    expect(warnings).toEqual(['label_agent']);
  });
});

test('the asynchronous form waits at each call and does the same', async () => {
  const { guard, log } = scripted((say, capacity) => (capacity > 4 * MIB ? say('late') : -2));
  const call = async (...place: Parameters<GuardFunction>): Promise<number> => {
    await Promise.resolve();
    return guard.functions.label_resource(...place);
  };
  const answer = callGuardAsync(guard, {
    exportName: 'label_resource',
    call,
    input: 'q',
    decode: (text) => text.length,
  });
  await expect(answer).resolves.toBe(4);
  expect(log).toEqual([
    'alloc 1',
    `alloc ${4 * MIB}`,
    `call 1 ${4 * MIB}`,
    `dealloc ${4 * MIB}`,
    'dealloc 1',
    'alloc 1',
    `alloc ${8 * MIB}`,
    `call 1 ${8 * MIB}`,
    `dealloc ${8 * MIB}`,
    'dealloc 1',
  ]);
});

test('whatever a hostile guard answers, the caller gets a text or a Lockgate error', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.oneof(fc.integer({ min: -3, max: 20 }), fc.integer()), { minLength: 3, maxLength: 3 }),
      fc.uint8Array({ minLength: 4, maxLength: 20 }),
      fc.boolean(),
      (pointer, codes, bytes, bump) => {
        const answers = [...codes];
        const { ask } = scripted(
          (say) => {
            say(bytes);
            return answers.shift() ?? -2;
          },
          bump ? {} : { alloc: () => pointer },
        );
        try {
          expect(typeof ask()).toBe('string');
        } catch (error) {
          expect(LockgateError.isInstance(error)).toBe(true);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('a question in bytes stays what it was when the guard is asked again, whatever comes of the bytes', () => {
  const question = new TextEncoder().encode('first');
  const { guard } = scripted((say, capacity, _pointer, input) => {
    question.fill(0x78);
    return capacity > 4 * MIB ? say(`heard ${input}`) : -2;
  });
  const call = guard.functions.label_resource;
  const answer = callGuard(guard, { exportName: 'label_resource', call, input: question, decode: (text) => text });
  expect(answer).toBe('heard first');
});
