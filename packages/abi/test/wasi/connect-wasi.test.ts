import { describe, expect, test } from 'vitest';
import { connectWasi, Errno, type WasiFile, type WasiSystem } from '../../src/index.ts';

const PAGE = 65_536;
const stream = (more: Partial<WasiFile> = {}): WasiFile => ({
  ...{ type: 2, flags: 0, close: () => {} },
  stat: () => ({ device: 0n, inode: 0n, type: 2, links: 1n, size: 0n, accessed: 0n, modified: 0n, changed: 0n }),
  ...more,
});

function start({ files, ...more }: Partial<WasiSystem> = {}) {
  const written: number[] = [];
  const output = stream({
    write: (buffers) => {
      for (const buffer of buffers) written.push(...buffer);
      return buffers.reduce((sum, { length }) => sum + length, 0);
    },
  });
  let time = 0n;
  const waits: (number | undefined)[] = [];
  const connection = connectWasi({
    args: ['srv', 'é'],
    env: { A: '1' },
    files: files ?? [stream({ read: () => 0 }), output, output],
    now: () => time,
    random: (bytes) => void bytes.fill(7),
    wait: (timeoutMs) => {
      waits.push(timeoutMs);
      time += BigInt(timeoutMs ?? 0) * 1_000_000n;
    },
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
    ...more,
  });
  const memory = new WebAssembly.Memory({ initial: 1 });
  connection.attach({ memory });
  const call = (name: string, ...args: readonly (number | bigint)[]): number =>
    (connection.imports[name] as (...args: unknown[]) => number)(...args);
  return { connection, call, view: new DataView(memory.buffer), memory, written, waits };
}

describe('pointers that leave the memory are refused before anything is done', () => {
  test.each<readonly [string, readonly (number | bigint)[]]>([
    ['args_get', [PAGE - 4, 0]],
    ['args_get', [0, PAGE - 2]],
    ['args_sizes_get', [PAGE - 3, 0]],
    ['args_sizes_get', [0, -4]],
    ['environ_get', [-1, 0]],
    ['environ_sizes_get', [PAGE, 0]],
    ['clock_time_get', [0, 0n, PAGE - 7]],
    ['clock_res_get', [1, -8]],
    ['random_get', [0, PAGE + 1]],
    ['random_get', [-1, 2]],
    ['fd_write', [1, PAGE - 4, 1, 0]],
    ['fd_write', [1, 0, 1, PAGE - 2]],
    ['fd_write', [1, 64, 1, 0]],
    ['fd_read', [0, 64, 1, 0]],
    ['fd_read', [0, 0, 1, -1]],
    ['fd_fdstat_get', [1, PAGE - 23]],
    ['fd_filestat_get', [1, PAGE - 63]],
    ['poll_oneoff', [PAGE - 47, 0, 1, 128]],
    ['poll_oneoff', [0, PAGE - 31, 1, 128]],
    ['poll_oneoff', [0, 256, 1, PAGE - 3]],
  ])('%s, case %#', (name, args) => {
    const { call, view, written } = start();
    view.setUint32(64, PAGE - 8, true); // a buffer that begins inside
    view.setUint32(68, 9, true);
    expect(call(name, ...args)).toBe(Errno.fault);
    expect(written).toEqual([]);
  });

  test('and all of them where the guest has no memory', () => {
    const { connection } = start();
    connection.attach({});
    expect((connection.imports.random_get as (...args: number[]) => number)(0, 0)).toBe(Errno.fault);
  });
});

test('more buffers than systems take at once are refused, and what could not be told in 32 bits', () => {
  const { call, view, written } = start();
  expect(call('fd_write', 1, 0, 1_025, 0)).toBe(Errno.invalid);
  expect(call('fd_write', 1, 0, -1, 0)).toBe(Errno.invalid);
  for (let at = 0; at < 1_024 * 8; at += 8) view.setUint32(at + 4, 8, true); // all the same eight bytes
  expect(call('fd_write', 1, 0, 1_024, 16_384)).toBe(Errno.success);
  expect([written.length, view.getUint32(16_384, true)]).toEqual([8_192, 8_192]);
});

test('what is no descriptor is none, whatever is asked of it', () => {
  const { call } = start();
  for (const fd of [3, 99, -1, 2 ** 31]) {
    for (const name of [
      'fd_close',
      'fd_sync',
      'fd_datasync',
      'fd_advise',
      'fd_filestat_get',
      'fd_fdstat_get',
      'fd_prestat_get',
    ])
      expect(call(name, fd, 0, 0, 0)).toBe(Errno.badDescriptor);
    expect(call('path_create_directory', fd, 0, 1)).toBe(Errno.badDescriptor);
    expect(call('fd_renumber', 1, fd)).toBe(Errno.badDescriptor);
  }
  expect(call('path_create_directory', 1, 0, 1)).toBe(Errno.notDirectory);
  expect(call('fd_seek', 1, 0n, 0, 0)).toBe(Errno.illegalSeek);
  expect(call('fd_seek', 1, 0n, 3, 0)).toBe(Errno.invalid);
  expect(call('fd_read', 1, 0, 0, 0)).toBe(Errno.badDescriptor);
});

test('sockets and signals are not there, nor the clocks of processors', () => {
  const { call } = start();
  for (const name of ['sock_accept', 'sock_recv', 'sock_send', 'sock_shutdown'])
    expect(call(name, 0, 0, 0, 0, 0, 0)).toBe(Errno.notSupported);
  expect(call('proc_raise', 9)).toBe(Errno.notImplemented);
  for (const clock of [2, 3, -1]) expect(call('clock_time_get', clock, 0n, 0)).toBe(Errno.invalid);
});

test('arguments and variables are told with their sizes', () => {
  const { call, view, memory } = start();
  expect([call('args_sizes_get', 0, 4), view.getUint32(0, true), view.getUint32(4, true)]).toEqual([0, 2, 7]);
  expect(call('args_get', 0, 100)).toBe(0);
  expect(new TextDecoder().decode(memory.buffer.slice(100, 107))).toBe('srv\0é\0');
  expect([call('environ_sizes_get', 0, 4), view.getUint32(0, true), view.getUint32(4, true)]).toEqual([0, 1, 4]);
});

describe('poll_oneoff', () => {
  const subscribe = (view: DataView, at: number, type: number, value: number, timeout = 0n): void => {
    view.setBigUint64(at, BigInt(at), true);
    view.setUint8(at + 8, type);
    view.setUint32(at + 16, value, true);
    view.setBigUint64(at + 24, timeout, true);
  };

  test('waits until the first is over, and tells which', () => {
    let isThere = false;
    const input = stream({ isReadable: () => isThere, read: () => 0 });
    const { call, view, waits } = start({ files: [input] });
    subscribe(view, 0, 1, 0); // the input
    subscribe(view, 48, 0, 1, 5_000_000_000n);
    expect(call('poll_oneoff', 0, 256, 2, 512)).toBe(0);
    expect(waits).toEqual([5_000]);
    expect([view.getUint32(512, true), view.getBigUint64(256, true)]).toEqual([1, 48n]);
    isThere = true;
    expect(call('poll_oneoff', 0, 256, 2, 512)).toBe(0);
    expect(waits).toEqual([5_000]);
    expect([view.getUint32(512, true), view.getBigUint64(256, true), view.getUint8(256 + 10)]).toEqual([1, 0n, 1]);
  });

  test('tells at once what can never be', () => {
    const { call, view, waits } = start();
    subscribe(view, 0, 1, 77);
    subscribe(view, 48, 9, 0);
    subscribe(view, 96, 0, 7);
    expect(call('poll_oneoff', 0, 256, 3, 512)).toBe(0);
    expect(waits).toEqual([]);
    expect([0, 1, 2].map((index) => view.getUint16(256 + index * 32 + 8, true))).toEqual([
      Errno.badDescriptor,
      Errno.invalid,
      Errno.invalid,
    ]);
    expect(call('poll_oneoff', 0, 256, 0, 512)).toBe(Errno.invalid);
    expect(call('poll_oneoff', 0, 256, 1_025, 512)).toBe(Errno.invalid);
  });
});

test('a fault of the host is no error number', () => {
  const { call } = start({
    random: () => {
      throw new TypeError('the host is broken');
    },
  });
  expect(() => call('random_get', 0, 1)).toThrow('the host is broken');
  expect(() => call('proc_exit', -1)).toThrow('exit 4294967295');
});
