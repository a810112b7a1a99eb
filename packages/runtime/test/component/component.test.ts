import { limitMemory } from '@lockgate/abi';
import type { CompilationCache } from '@lockgate/cache';
import { componentGuest, type WitFunction } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Isolation } from '../../src/index.ts';
import { openPlugin } from '../open-plugin.ts';
import { i32Const } from './core-module.ts';
import { toolComponent } from './tool-component.ts';

const MIB = 1024 * 1024;
const kinds: readonly Isolation[] = ['inline', 'worker'];

describe.each(kinds)('a component, %s', (isolation) => {
  test('gives its functions as tools, with schemas of what they take and answer', async () => {
    await using opened = await openPlugin(componentGuest(), { isolation });
    const tools = await opened.plugin.tools();
    expect(tools?.map(({ name }) => name)).toEqual(['add', 'echo', 'count', 'check', 'trap', 'spin', 'eat']);
    expect(tools?.[0]).toMatchObject({
      description: 'Calls the function "add": (a: u32, b: u32) -> u32',
      inputSchema: {
        type: 'object',
        properties: { a: { type: 'number' }, b: { type: 'number' } },
        required: ['a', 'b'],
      },
      outputSchema: { type: 'object', properties: { result: { type: 'number' } }, required: ['result'] },
    });
    expect(tools?.[4]).not.toHaveProperty('outputSchema');
  });

  test('answers calls with texts and with values, and takes nothing that is of another type', async () => {
    await using opened = await openPlugin(componentGuest(), { isolation });
    const call = (tool: string, args: object) => opened.plugin.execute(tool, args as Record<string, unknown>);
    expect(await call('add', { a: 4_294_967_295, b: 3 })).toEqual({
      data: '2',
      isError: false,
      structured: { result: 2 },
      structuredText: '{"result":2}',
    });
    expect(await call('echo', { text: 'é\u{1f600}' })).toMatchObject({ data: 'é\u{1f600}', isError: false });
    expect(await call('check', { number: 7 })).toMatchObject({ data: '{"ok":7}', isError: false });
    expect(await call('check', { number: 11 })).toMatchObject({ data: '{"err":"too large"}', isError: true });
    const wrong = await Promise.all([
      call('add', { a: -1, b: 2 }),
      call('add', { a: 1.5, b: 2 }),
      call('add', { a: 1 }),
      call('add', { a: 1, b: 2, c: 3 }),
      call('echo', { text: 5 }),
      call('none', {}),
    ]);
    expect(wrong.map(({ data, isError }) => `${isError} ${data}`)).toEqual([
      'true Error: "a" must be a whole number from 0 to 4294967295, found a number',
      'true Error: "a" must be a whole number from 0 to 4294967295, found a number',
      'true Error: "b" must be there, found nothing',
      'true Error: there is no argument "c"; known: "a", "b"',
      'true Error: "text" must be a string, found a number',
      'true Error: there is no tool "none"',
    ]);
  });

  test.each<readonly [WitFunction['params'][string], unknown]>([
    ['string', ''],
    [{ list: 'u8' }, []],
    [{ list: 'u64' }, []],
  ])('makes room itself for what is empty: %j', async (value, empty) => {
    // It answers with where it was given the value.
    const made = toolComponent({
      tool: { params: { value }, result: 'u32' },
      ...{ params: ['i32', 'i32'], results: ['i32'], code: [0x20, 0] },
      functions: [{ name: 'realloc', params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'], code: i32Const(4_096) }],
    });
    await using opened = await openPlugin(made, { isolation });
    expect(await opened.plugin.execute('run', { value: empty })).toMatchObject({ data: '4096' });
  });

  test('keeps nothing from call to call', async () => {
    await using opened = await openPlugin(componentGuest(), { isolation });
    const first = await opened.plugin.execute('count', {});
    expect([first.data, (await opened.plugin.execute('count', {})).data]).toEqual(['1', '1']);
  });

  test('that traps fails that call only, and growing its memory stops at the ceiling', async () => {
    await using opened = await openPlugin(componentGuest(), { isolation, memoryCeilingBytes: 4 * MIB });
    await expect(opened.plugin.execute('trap', {})).rejects.toMatchObject({ code: 'RUNTIME_GUEST_TRAP' });
    expect(await opened.plugin.execute('eat', { mib: 3 })).toMatchObject({ isError: false });
    await expect(opened.plugin.execute('eat', { mib: 4 })).rejects.toMatchObject({ code: 'RUNTIME_GUEST_TRAP' });
    expect(await opened.plugin.execute('echo', { text: 'next' })).toMatchObject({ data: 'next' });
    expect((await opened.plugin.stats()).traps).toBe(2);
  });
});

describe('a component in a worker', () => {
  test('that loops for ever is stopped for real', async () => {
    await using opened = await openPlugin(componentGuest(), { isolation: 'worker', callTimeoutMs: 1_000 });
    await expect(opened.plugin.execute('spin', {})).rejects.toMatchObject({ code: 'RUNTIME_CALL_TIMEOUT' });
    expect(await opened.plugin.execute('echo', { text: 'next' })).toMatchObject({ data: 'next' });
  });

  test('that starts above its ceiling is refused with both numbers', async () => {
    const opening = openPlugin(componentGuest(), { isolation: 'worker', memoryCeilingBytes: 65_536 });
    await expect(opening).rejects.toMatchObject({
      code: 'RUNTIME_MEMORY_CEILING',
      facts: { initialBytes: 131_072, ceilingBytes: 65_536 },
    });
  });

  test('has its core modules compiled by the cache, with the ceiling on memory in them', async () => {
    const compiled: Uint8Array[] = [];
    const compile = async (bytes: Uint8Array): Promise<WebAssembly.Module> => {
      compiled.push(bytes);
      return WebAssembly.compile(bytes as BufferSource);
    };
    const cache = { compile } as unknown as CompilationCache;
    await using opened = await openPlugin(
      componentGuest(),
      { isolation: 'inline', memoryCeilingBytes: 4 * MIB },
      { cache },
    );
    expect(await opened.plugin.execute('add', { a: 1, b: 2 })).toMatchObject({ data: '3' });
    const [only, ...others] = compiled.map((bytes) => limitMemory(bytes, { maxBytes: 4 * MIB }));
    expect(others).toEqual([]);
    expect(only).toBe(compiled[0]); // there is nothing left to be limited
  });

  test('cut short anywhere is refused, and never taken for another one', async () => {
    const bytes = componentGuest();
    const { decodeComponent, LockgateError } = await import('@lockgate/abi');
    const whole = JSON.stringify(decodeComponent(bytes).plan);
    for (let length = 0; length < bytes.length; length++) {
      try {
        expect(JSON.stringify(decodeComponent(bytes.subarray(0, length)).plan)).not.toBe(whole);
      } catch (error) {
        if (!LockgateError.isInstance(error)) throw error;
      }
    }
  });
});
