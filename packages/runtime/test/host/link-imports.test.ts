import {
  bindPlugin,
  builtInDialects,
  type Dialect,
  type GuestRole,
  type HostCapabilities,
  unpackSpan,
  waitingImport,
} from '@lockgate/abi';
import { echoGuest, fetchEchoGuest, WasmBuilder } from '@lockgate/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GuestLog } from '../../src/host/guest-log.ts';
import { linkImports } from '../../src/host/link-imports.ts';

type HostFunction = (...args: (number | bigint)[]) => number | bigint | undefined;

const host: Omit<HostCapabilities, 'log'> = {
  http: (request) => JSON.stringify({ status: 200, headers: {}, body: request.slice(0, 10) }),
  backend: (tool, args) => new TextEncoder().encode(`${tool}${args}`.slice(0, 100)),
  functions: () => undefined,
};

const anyInteger = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 200_000 }));

const dialectOf = (role: GuestRole): Dialect => builtInDialects.find((dialect) => dialect.role === role) as Dialect;

/** A module that imports all that a dialect has. */
async function asksForAll({ imports }: Dialect): Promise<WebAssembly.Module> {
  const builder = new WasmBuilder();
  for (const { module, name, signature } of imports) {
    const [params = '', result = ''] = signature.split(' -> ');
    const types = params.match(/i32|i64/g) ?? [];
    builder.import(module, name, types as ('i32' | 'i64')[], result === '()' ? 'void' : (result as 'i32'));
  }
  return await WebAssembly.compile(builder.build());
}

/** The host functions of a dialect, around the memory and the allocator of a guest that could be either. */
async function startHost(role: GuestRole, dialect = dialectOf(role)) {
  const lines: string[] = [];
  const log = new GuestLog((_level, line) => lines.push(line), 1_000_000);
  const connection = dialect.connect({ host: { ...host, log }, maxMessageBytes: 1_000_000, onWarning: () => {} });
  const imports = linkImports(await asksForAll(dialect), connection, 'blocks', undefined);
  const { instance } = await WebAssembly.instantiate(echoGuest(), { env: { host_log: () => {} } });
  const label = (): number => 0;
  connection.bind({ ...instance.exports, label_agent: label, label_resource: label, label_response: label });
  const { memory } = bindPlugin(instance.exports);
  const env = imports.env as Readonly<Record<string, HostFunction>>;
  const call = (name: string, ...args: (number | bigint)[]) => env[name]?.(...args);
  return { call, memory, lines, imports };
}

// Of components not the dialect but its linker has the functions.
test.each(builtInDialects.filter(({ link }) => link === undefined))(
  '$id supplies exactly what it says that guests may import',
  async (dialect) => {
    const { imports } = await startHost(dialect.role, dialect);
    const supplied = Object.values(imports).flatMap((functions) => Object.keys(functions));
    expect(supplied.toSorted()).toEqual(dialect.imports.map(({ name }) => name).toSorted());
  },
);

test('a request may lie anywhere: the guest gets a response or nothing, never a trap', async () => {
  const { call, memory } = await startHost('plugin');
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (packed) => {
      const answer = unpackSpan(call('host_http_request', packed) as bigint);
      if (answer.byteLength > 0) expect(JSON.parse(memory.readText(answer))).toHaveProperty('status');
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
  const { call, memory } = await startHost('guard');
  fc.assert(
    fc.property(fc.array(anyInteger, { minLength: 6, maxLength: 6 }), (args) => {
      const capacity = (args[5] as number) >>> 0;
      const written = call('call_backend', ...args) as number;
      expect(written).toBeGreaterThanOrEqual(-2);
      if (written > 0) expect(written).toBeLessThanOrEqual(Math.min(capacity, memory.byteLength));
    }),
    { numRuns: 500 },
  );
});

test('the answer of the back end goes where there is room for it, and else its size does', async () => {
  const { call, memory } = await startHost('guard');
  memory.writeText(100_000, 'read{}', 6);
  const ask = (capacity: number) => call('call_backend', 100_000, 4, 100_004, 2, 110_000, capacity);
  expect(ask(6)).toBe(6);
  expect(memory.readText({ pointer: 110_000, byteLength: 6 })).toBe('read{}');
  expect(ask(5)).toBe(-2);
  expect(memory.readUint32(110_000)).toBe(6);
  memory.write(110_000, new Uint8Array(4));
  expect(ask(3)).toBe(-2);
  expect(memory.readUint32(110_000)).toBe(0);
});

test('only imports that wait need an engine that suspends', async () => {
  const importsOf = async (bytes: BufferSource) => WebAssembly.Module.imports(await WebAssembly.compile(bytes));
  const plugin = dialectOf('plugin');
  expect(waitingImport(plugin, await importsOf(echoGuest()))).toBeUndefined();
  expect(waitingImport(plugin, await importsOf(fetchEchoGuest()))).toBe('host_http_request');
  expect(waitingImport(dialectOf('guard'), await importsOf(fetchEchoGuest()))).toBeUndefined();
});

test('only what the module imports is made, so that an engine without JSPI runs what never waits', async () => {
  const plugin = dialectOf('plugin');
  const log = new GuestLog(() => {}, 1);
  const connection = plugin.connect({ host: { ...host, log }, maxMessageBytes: 1_000, onWarning: () => {} });
  const { env = {} } = linkImports(await WebAssembly.compile(echoGuest()), connection, 'suspends', undefined);
  expect(Object.keys(env)).toEqual(['host_log']);
});
