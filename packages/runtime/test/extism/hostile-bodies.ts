import { type Code, call, flow, i32, i64 } from '@lockgate/testkit';
import type { ExtismBody, ExtismKit } from './extism-kit.ts';

/** What a call comes to: an output, a failure with these words, or an error of the runtime. */
export type Outcome = { readonly data: string } | { readonly failure: string } | { readonly code: string };

/** One thing that a guest may try, and what has to come of it. */
export interface HostileCase {
  readonly title: string;
  readonly body: ExtismBody;
  readonly outcome: Outcome;
  readonly input?: string;
}

const MINUS_ONE = i64.const(-1n);
const HIGHEST = i64.const(2n ** 63n);
const FAR = i64.const(99_999_999n);
const SUCCESS = i32.const(0);
const INPUT = 'four';

/** Says a number, which is all that it does. */
function digit(title: string, value: (kit: ExtismKit) => Code<'i32'>, expected: number): HostileCase {
  return { title, body: (kit) => [kit.sayDigit(value(kit)), SUCCESS], outcome: { data: String(expected) } };
}

function acts(title: string, body: ExtismBody, outcome: Outcome, input?: string): HostileCase {
  return { title, body, outcome, ...(input === undefined ? {} : { input }) };
}

/** A block of eight bytes, what is done to its handle, and then a number. */
function onBlock(
  title: string,
  work: (kit: ExtismKit, handle: Code<'i64'>) => readonly Code<'void'>[],
  value: (kit: ExtismKit, handle: Code<'i64'>) => Code<'i32'>,
  expected: number,
): HostileCase {
  const body: ExtismBody = (kit, scope) => {
    const handle = scope.local('i64');
    return [handle.set(kit.block('12345678')), ...work(kit, handle.get), kit.sayDigit(value(kit, handle.get)), SUCCESS];
  };
  return { title, body, outcome: { data: String(expected) } };
}

const after = (handle: Code<'i64'>, offset: number): Code<'i64'> =>
  i64.extend(i32.add(i32.wrap(handle), i32.const(offset)));
const wrapLength = (kit: ExtismKit, handle: Code<'i64'>): Code<'i32'> => i32.wrap(call(kit.length, handle));

/** What it does with addresses and blocks. */
export const MEMORY_CASES: readonly HostileCase[] = [
  digit('loads a byte beyond the memory', (kit) => call(kit.loadByte, FAR), 0),
  digit('loads a byte at the highest address', (kit) => call(kit.loadByte, MINUS_ONE), 0),
  digit('loads a word at 2^63', (kit) => i32.wrap(call(kit.loadWord, HIGHEST)), 0),
  digit('loads a word across the end of the memory', (kit) => i32.wrap(call(kit.loadWord, i64.const(65_533n))), 0),
  acts('stores beyond the memory', (kit) => [call(kit.storeByte, FAR, i32.const(1)), kit.say('on'), SUCCESS], {
    data: 'on',
  }),
  acts('stores at the highest address', (kit) => [call(kit.storeWord, MINUS_ONE, FAR), kit.say('on'), SUCCESS], {
    data: 'on',
  }),
  onBlock(
    'stores past the end of its block',
    (kit, handle) => [call(kit.storeByte, after(handle, 9), i32.const(7))],
    (kit, handle) => call(kit.loadByte, after(handle, 9)),
    7,
  ),
  onBlock(
    'stores more than a byte as a byte',
    (kit, handle) => [call(kit.storeByte, handle, i32.const(0x101))],
    (kit, handle) => call(kit.loadByte, handle),
    1,
  ),
  digit('asks for a block of no bytes', (kit) => i32.wrap(call(kit.alloc, i64.const(0n))), 0),
  digit('asks for a block of -1 bytes', (kit) => i32.wrap(call(kit.alloc, MINUS_ONE)), 0),
  digit('asks for a block of 2^62 bytes', (kit) => i32.wrap(call(kit.alloc, i64.const(2n ** 62n))), 0),
  digit('asks for a block of 1 GiB', (kit) => i32.wrap(call(kit.alloc, i64.const(2n ** 30n))), 0),
  onBlock('frees a block twice', (kit, handle) => [call(kit.free, handle), call(kit.free, handle)], wrapLength, 0),
  onBlock('frees the middle of a block', (kit, handle) => [call(kit.free, after(handle, 4))], wrapLength, 8),
  onBlock(
    'frees 0, the highest handle and one that never was',
    (kit) => [call(kit.free, i64.const(0n)), call(kit.free, MINUS_ONE), call(kit.free, FAR)],
    wrapLength,
    8,
  ),
  onBlock(
    'asks for the length of the middle of a block',
    () => [],
    (kit, handle) => wrapLength(kit, after(handle, 1)),
    0,
  ),
  onBlock(
    'asks for the length of a block that it freed',
    (kit, handle) => [call(kit.free, handle)],
    (kit, handle) => i32.wrap(call(kit.lengthUnsafe, handle)),
    0,
  ),
  digit('asks for the length of what never was', (kit) => i32.wrap(call(kit.lengthUnsafe, FAR)), 0),
  digit('reads the input past its end', (kit) => call(kit.inputByte, i64.const(4n)), 0),
  digit('reads the input before its start', (kit) => call(kit.inputByte, MINUS_ONE), 0),
  digit('reads a word across the end of the input', (kit) => i32.wrap(call(kit.inputWord, i64.const(0n))), 0),
  acts(
    'reads the last word of its input',
    (kit) => [kit.sayDigit(i32.eq(i32.wrap(call(kit.inputWord, i64.const(1n))), i32.const(0x34333231))), SUCCESS],
    { data: '1' },
    'a12345678',
  ),
  acts(
    'stores the last word of the memory',
    (kit) => [
      call(kit.storeWord, i64.const(65_528n), i64.const(7n)),
      kit.sayDigit(i32.wrap(call(kit.loadWord, i64.const(65_528n)))),
      SUCCESS,
    ],
    { data: '7' },
  ),
  acts(
    'frees its input',
    (kit) => [call(kit.free, call(kit.inputOffset)), kit.sayDigit(i32.wrap(call(kit.inputLength))), SUCCESS],
    { data: '0' },
    INPUT,
  ),
  acts(
    'takes as many blocks as there are',
    (kit, scope) => {
      const handle = scope.local('i64');
      return [
        handle.set(call(kit.alloc, i64.const(100_000n))),
        flow.while(i32.ne(i32.wrap(handle.get), i32.const(0)), [handle.set(call(kit.alloc, i64.const(100_000n)))]),
        SUCCESS,
      ];
    },
    { data: '' },
  ),
];

/** What it does with its output, its error and its end. */
export const OUTCOME_CASES: readonly HostileCase[] = [
  acts(
    'puts out what lies beyond the memory',
    (kit) => [kit.say('kept'), call(kit.setOutput, FAR, i64.const(4n)), SUCCESS],
    { data: 'kept' },
  ),
  acts(
    'puts out nothing at nowhere',
    (kit) => [kit.say('kept'), call(kit.setOutput, i64.const(0n), i64.const(0n)), SUCCESS],
    { data: 'kept' },
  ),
  acts('puts out -1 bytes', (kit) => [kit.say('kept'), call(kit.setOutput, i64.const(16n), MINUS_ONE), SUCCESS], {
    data: 'kept',
  }),
  acts('puts out 2^63 bytes', (kit) => [kit.say('kept'), call(kit.setOutput, i64.const(16n), HIGHEST), SUCCESS], {
    data: 'kept',
  }),
  acts('puts out from 2^63 on', (kit) => [kit.say('kept'), call(kit.setOutput, HIGHEST, i64.const(1n)), SUCCESS], {
    data: 'kept',
  }),
  acts(
    'puts out nothing but what lies beyond the memory',
    (kit) => [call(kit.setOutput, FAR, i64.const(4n)), SUCCESS],
    {
      failure: '"act" failed: its output of 4 bytes lies outside of Extism\'s memory',
    },
  ),
  acts(
    'puts out a block that it was refused',
    (kit) => [call(kit.setOutput, call(kit.alloc, i64.const(500_000n)), i64.const(500_000n)), SUCCESS],
    {
      failure:
        '"act" failed: its output of 500000 bytes lies outside of Extism\'s memory: a block of 500000 bytes was refused, as there is no more room for what passes: pass less at once, or raise "maxMessageBytes" ("limits.maxMessageBytes" in lockgate.json), of which that is four times',
    },
  ),
  acts(
    'traps since it was refused a block',
    (kit) => [flow.drop(call(kit.alloc, i64.const(500_000n))), flow.trap('i32')],
    {
      failure:
        'a block of 500000 bytes was refused, as there is no more room for what passes: pass less at once, or raise "maxMessageBytes" ("limits.maxMessageBytes" in lockgate.json), of which that is four times',
    },
  ),
  acts('puts out twice', (kit) => [kit.say('first'), kit.say('last'), SUCCESS], { data: 'last' }),
  acts('puts out what the host marks failures with', (kit) => [kit.say('\0-no failure'), SUCCESS], {
    data: '\0-no failure',
  }),
  acts('puts something out and traps', (kit) => [kit.say('lost'), flow.trap('i32')], { code: 'RUNTIME_GUEST_TRAP' }),
  acts('puts something out and ends with a code', (kit) => [kit.say('lost'), i32.const(7)], {
    failure: '"act" ended with code 7',
  }),
  acts('says an error and traps', (kit) => [call(kit.setError, kit.block('said')), flow.trap('i32')], {
    failure: 'said',
  }),
  acts('says an error and ends well', (kit) => [kit.say('lost'), call(kit.setError, kit.block('said')), SUCCESS], {
    failure: 'said',
  }),
  acts(
    'says an error and takes it back',
    (kit) => [kit.say('kept'), call(kit.setError, kit.block('said')), call(kit.setError, i64.const(0n)), SUCCESS],
    { data: 'kept' },
  ),
  acts('says an error that is no block', (kit) => [kit.say('kept'), call(kit.setError, FAR), SUCCESS], {
    data: 'kept',
  }),
  acts(
    'says an error that begins in a block',
    (kit) => [kit.say('kept'), call(kit.setError, after(kit.block('said'), 1)), SUCCESS],
    { data: 'kept' },
  ),
  acts(
    'says an error and reads outside of its memory',
    (kit) => [call(kit.setError, kit.block('said')), i32.load(i32.const(-8))],
    { code: 'RUNTIME_GUEST_TRAP' },
  ),
  acts('leaves well with an output', (kit) => [kit.say('kept'), call(kit.exit, i32.const(0)), SUCCESS], {
    data: 'kept',
  }),
  acts('leaves with a code', (kit) => [kit.say('lost'), call(kit.exit, i32.const(3)), SUCCESS], {
    code: 'RUNTIME_GUEST_TRAP',
  }),
  acts('calls itself for ever', (kit, scope) => [kit.say('lost'), call(scope.self)], { code: 'RUNTIME_GUEST_TRAP' }),
  acts(
    'puts out more than a message may have',
    (kit, scope) => {
      const handle = scope.local('i64');
      return [
        handle.set(call(kit.alloc, i64.const(200_000n))),
        call(kit.setOutput, handle.get, i64.const(200_000n)),
        SUCCESS,
      ];
    },
    { code: 'RUNTIME_BAD_MESSAGE' },
  ),
];
