import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuestLog } from '../../src/host/guest-log.ts';
import { createWasi } from '../../src/host/wasi.ts';

type WasiFunction = (...args: (number | bigint)[]) => number;

/** WASI over a memory of one page, as a guest would call it. */
function startWasi() {
  const lines: string[] = [];
  const host = createWasi(new GuestLog((level, line) => lines.push(`${level}: ${line}`), 1_000), {
    storage: [],
    env: {},
  });
  const memory = new WebAssembly.Memory({ initial: 1 });
  host.attach({ memory });
  const call = (name: string, ...args: (number | bigint)[]): number => (host.imports[name] as WasiFunction)(...args);
  const view = new DataView(memory.buffer);
  const write = (descriptor: number, text: string): number => {
    const bytes = new TextEncoder().encode(text);
    new Uint8Array(memory.buffer).set(bytes, 1_024);
    view.setUint32(0, 1_024, true);
    view.setUint32(4, bytes.length, true);
    return call('fd_write', descriptor, 0, 1, 8);
  };
  return { host, view, call, write, lines };
}

describe('standard output and error', () => {
  test('go to the log line by line, however they are cut', () => {
    const { host, write, lines } = startWasi();
    write(1, 'one\ntw');
    write(2, 'oops\n');
    expect(lines).toEqual(['info: one', 'warn: oops']);
    write(1, 'o\n\nthree');
    expect(lines.slice(2)).toEqual(['info: two', 'info: ']);
    host.flush();
    host.flush();
    expect(lines.slice(4)).toEqual(['info: three']);
  });

  test('a line without end is cut, and costs no more memory', () => {
    const { write, lines } = startWasi();
    for (let round = 0; round < 10; round += 1) write(1, 'x'.repeat(10_000));
    write(1, '\n');
    expect(lines).toEqual([`info: ${'x'.repeat(16_384)}`]);
  });

  test('tell the guest that everything was written', () => {
    const { view, write } = startWasi();
    expect(write(1, 'hello')).toBe(0);
    expect(view.getUint32(8, true)).toBe(5);
  });
});

test('standard input is at its end', () => {
  const { view, call } = startWasi();
  view.setUint32(4, 100, true);
  expect(call('fd_read', 0, 0, 1, 8)).toBe(0);
  expect(view.getUint32(8, true)).toBe(0);
});

test('there are no arguments, no environment and no files', () => {
  const { view, call } = startWasi();
  for (const sizes of ['args_sizes_get', 'environ_sizes_get']) {
    expect(call(sizes, 0, 4)).toBe(0);
    expect([view.getUint32(0, true), view.getUint32(4, true)]).toEqual([0, 0]);
  }
  expect(call('fd_prestat_get', 3, 0)).not.toBe(0);
  expect(call('path_open', 3, 0, 0, 4, 0, 0n, 0n, 0, 8)).not.toBe(0);
});

test('the monotonic clock is that of the process, whichever thread the guest goes on in', () => {
  const { view, call } = startWasi();
  const before = process.hrtime.bigint();
  expect(call('clock_time_get', 1, 0n, 64)).toBe(0);
  const told = view.getBigUint64(64, true);
  expect(told >= before && told <= process.hrtime.bigint()).toBe(true);
  expect(call('clock_time_get', 0, 0n, 64)).toBe(0);
  expect(view.getBigUint64(64, true) / 1_000_000n).toBeGreaterThan(BigInt(Date.now() - 3_600_000));
});

test.each([
  ['is closed', 'fd_close', [1]],
  ['takes the place of another', 'fd_renumber', [1, 2]],
])('is no longer as it was at first when a descriptor %s', (_what, name, descriptors) => {
  const { host, write, call } = startWasi();
  write(1, 'hello\n');
  expect(host.isAsAtFirst).toBe(true);
  expect(call(name, ...descriptors)).toBe(0);
  expect(host.isAsAtFirst).toBe(false);
});

test('sleeping waits for the clock that is due first, and says which it was', () => {
  const { view, call } = startWasi();
  const subscribe = (at: number, userData: bigint, clock: number, timeout: bigint, flags = 0): void => {
    view.setBigUint64(at, userData, true);
    view.setUint32(at + 16, clock, true);
    view.setBigUint64(at + 24, timeout, true);
    view.setUint16(at + 40, flags, true);
  };
  subscribe(0, 7n, 1, 3_600_000_000_000n);
  subscribe(48, 8n, 0, 1n, 1); // an absolute time, long past
  expect(call('poll_oneoff', 0, 200, 2, 300)).toBe(0);
  expect([view.getBigUint64(200, true), view.getUint32(300, true)]).toEqual([8n, 1]);
  expect(call('poll_oneoff', 0, 200, 0, 300)).not.toBe(0);
  view.setUint8(8, 1); // a descriptor instead of a clock, and one that is not open
  view.setUint32(16, 9, true);
  expect(call('poll_oneoff', 0, 200, 1, 300)).toBe(0);
  expect([view.getBigUint64(200, true), view.getUint16(208, true)]).toEqual([7n, 8]);
});

test('leaving throws what the runtime takes for an exit', () => {
  expect(() => startWasi().call('proc_exit', 3)).toThrow('3');
});

test('whatever numbers a guest passes, each function answers a number or throws', () => {
  const names = Object.keys(startWasi().host.imports).filter((name) => name !== 'poll_oneoff');
  const anyInteger = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 70_000 }));
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(anyInteger, { minLength: 9, maxLength: 9 }), (name, numbers) => {
      const { call } = startWasi();
      let answer: unknown;
      try {
        answer = call(name, ...numbers) ?? 0;
      } catch {
        return;
      }
      expect(typeof answer).toBe('number');
    }),
    { numRuns: 2_000 },
  );
});
