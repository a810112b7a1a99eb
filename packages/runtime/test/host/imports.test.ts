import { bindPlugin, unpackSpan } from '@lockgate/abi';
import { echoGuest, fetchEchoGuest } from '@lockgate/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GuestLog } from '../../src/host/guest-log.ts';
import { createImports, type HostBridge, waitingImport } from '../../src/host/imports.ts';

type HostFunction = (...args: (number | bigint)[]) => number | bigint | undefined;

const bridge: HostBridge<'blocks'> = {
  wait: 'blocks',
  http: (request) => JSON.stringify({ status: 200, headers: {}, body: request.slice(0, 10) }),
  backend: (tool, args) => new TextEncoder().encode(`${tool}${args}`.slice(0, 100)),
};

const anyInteger = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 200_000 }));

/** The host functions of one kind of guest, around a real guest's memory and allocator. */
async function startHost(abi: 'plugin' | 'guard') {
  const lines: string[] = [];
  const imports = createImports(abi, bridge, new GuestLog((_level, line) => lines.push(line), 1_000_000), undefined);
  const { instance } = await WebAssembly.instantiate(echoGuest(), { env: { host_log: () => {} } });
  const plugin = bindPlugin(instance.exports);
  imports.attach(instance);
  imports.bind(plugin);
  const env = imports.object.env as Readonly<Record<string, HostFunction>>;
  const call = (name: string, ...args: (number | bigint)[]) => env[name]?.(...args);
  return { call, plugin, lines };
}

test('a request may lie anywhere: the guest gets a response or nothing, never a trap', async () => {
  const { call, plugin } = await startHost('plugin');
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (packed) => {
      const answer = unpackSpan(call('host_http_request', packed) as bigint);
      if (answer.byteLength > 0) expect(JSON.parse(plugin.memory.readText(answer))).toHaveProperty('status');
    }),
    { numRuns: 500 },
  );
});

test('a log line may lie anywhere', async () => {
  const { call, lines } = await startHost('plugin');
  const guard = await startHost('guard');
  fc.assert(
    fc.property(anyInteger, anyInteger, anyInteger, (level, pointer, length) => {
      call('host_log', pointer, length);
      guard.call('host_log', level, pointer, length);
      expect(lines.length).toBe(guard.lines.length);
    }),
    { numRuns: 500 },
  );
  call('host_log', -1, 10);
  expect(lines.at(-1)).toBe('a log line that lies outside memory');
});

test('a call of the back end may point anywhere: it answers bytes, -1 or -2, and writes nothing elsewhere', async () => {
  const { call, plugin } = await startHost('guard');
  fc.assert(
    fc.property(fc.array(anyInteger, { minLength: 6, maxLength: 6 }), (args) => {
      const capacity = (args[5] as number) >>> 0;
      const written = call('call_backend', ...args) as number;
      expect(written).toBeGreaterThanOrEqual(-2);
      if (written > 0) expect(written).toBeLessThanOrEqual(Math.min(capacity, plugin.memory.byteLength));
    }),
    { numRuns: 500 },
  );
});

test('the answer of the back end goes where there is room for it, and else its size does', async () => {
  const { call, plugin } = await startHost('guard');
  plugin.memory.writeText(100_000, 'read{}', 6);
  const ask = (capacity: number) => call('call_backend', 100_000, 4, 100_004, 2, 110_000, capacity);
  expect(ask(6)).toBe(6);
  expect(plugin.memory.readText({ pointer: 110_000, byteLength: 6 })).toBe('read{}');
  expect(ask(5)).toBe(-2);
  expect(plugin.memory.readUint32(110_000)).toBe(6);
  plugin.memory.write(110_000, new Uint8Array(4));
  expect(ask(3)).toBe(-2);
  expect(plugin.memory.readUint32(110_000)).toBe(0);
});

test('only imports that wait need an engine that suspends', async () => {
  expect(waitingImport(await WebAssembly.compile(echoGuest()))).toBeUndefined();
  expect(waitingImport(await WebAssembly.compile(fetchEchoGuest()))).toBe('host_http_request');
});
