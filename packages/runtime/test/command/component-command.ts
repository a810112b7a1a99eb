import { i32Const, store32 } from '../component/core-module.ts';
import { type ToolComponent, toolComponent } from '../component/tool-component.ts';
import { consoleFunctions, consoleImports } from '../component/wasi-imports.ts';

/** Where handles and answers are kept. */
const [STDIN, STDOUT, ANSWER, WRITTEN] = [512, 516, 1_024, 1_040];
const LOOP = 0x03;
const IF = 0x04;
const VOID = 0x40;
const END = 0x0b;
const RETURN = 0x0f;
const LOAD32 = [0x28, 2, 0];
const LOAD8 = [0x2d, 0, 0];

const callOf = (name: string): number[] => [0x10, consoleFunctions.findIndex((one) => one.name === name)];
const at = (address: number): number[] => [...i32Const(address), ...LOAD32];
const i64Const = (value: bigint): number[] => [0x42, ...leb64(value)];

/** A component that exports `wasi:cli/run`, which runs this code; it answers 0 where all is well. */
export function componentCommand(code: readonly number[], more: Partial<ToolComponent> = {}): Uint8Array<ArrayBuffer> {
  return toolComponent({
    tool: { params: {}, result: { result: [null, null] } },
    results: ['i32'],
    imports: consoleImports,
    lowered: consoleFunctions,
    exportedAs: ['wasi:cli/run@0.2.0', 'run'],
    pages: 200,
    code,
    ...more,
  });
}

/**
 * What comes in goes out until there is no more.
 *
 * @param waits - Whether it waits on a pollable, and reads then, instead of reading so that it waits.
 */
export function echoing(waits: boolean): number[] {
  const read = (name: string): number[] => [...at(STDIN), ...i64Const(65_536n), ...i32Const(ANSWER), ...callOf(name)];
  const waiting = [
    ...at(STDIN),
    ...callOf('[method]input-stream.subscribe'),
    ...callOf('[method]pollable.block'),
    ...read('[method]input-stream.read'),
  ];
  return [
    ...store32(STDIN, callOf('get-stdin')),
    ...store32(STDOUT, callOf('get-stdout')),
    ...[LOOP, VOID],
    ...(waits ? waiting : read('[method]input-stream.blocking-read')),
    ...[...i32Const(ANSWER), ...LOAD8, IF, VOID, ...i32Const(0), RETURN, END],
    ...at(STDOUT),
    ...at(ANSWER + 4),
    ...at(ANSWER + 8),
    ...i32Const(WRITTEN),
    ...callOf('[method]output-stream.blocking-write-and-flush'),
    ...[0x0c, 0, END],
    ...i32Const(0),
  ];
}

/** Writes as much at once as it may. */
export const WRITING: readonly number[] = [
  ...store32(STDOUT, callOf('get-stdout')),
  ...at(STDOUT),
  ...i32Const(ANSWER),
  ...callOf('[method]output-stream.check-write'),
  ...at(STDOUT),
  ...i32Const(0),
  ...at(ANSWER + 8),
  ...i32Const(WRITTEN),
  ...callOf('[method]output-stream.blocking-write-and-flush'),
  ...i32Const(0),
];

export const FAILING: readonly number[] = i32Const(1);
export const TRAPPING: readonly number[] = [0x00];
export const LOOPING: readonly number[] = [LOOP, VOID, 0x0c, 0, END, ...i32Const(0)];
/** Grows its memory by a page as often as it can. */
export const GROWING: readonly number[] = [
  LOOP,
  VOID,
  ...i32Const(1),
  0x40,
  0,
  ...i32Const(-1),
  0x47,
  0x0d,
  0,
  END,
  ...i32Const(0),
];

function leb64(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 127n);
    if (rest < 64n) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
