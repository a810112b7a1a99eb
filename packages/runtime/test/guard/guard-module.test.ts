import {
  backendGuard,
  directPlacementGuard,
  errorCodeGuard,
  guardGuest,
  trappingGuard,
  wrongSignatureGuard,
} from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Guard, GuardOptions, Isolation } from '../../src/index.ts';
import { runtimeFor } from '../open-plugin.ts';

const LABELLED = { resource: { description: 'a file', secrecy: ['private'], integrity: [] }, operation: 'read' };

interface Opened extends AsyncDisposable {
  readonly guard: Guard;
  readonly warnings: { fields: Record<string, unknown>; message: string }[];
  readonly lines: string[];
}

async function open(isolation: Isolation, bytes: Uint8Array, options: Partial<GuardOptions> = {}): Promise<Opened> {
  const warnings: Opened['warnings'] = [];
  const lines: string[] = [];
  const quiet = (): void => {};
  const runtime = await runtimeFor(isolation).createRuntime({
    isolation,
    logger: {
      debug: quiet,
      info: quiet,
      warn: (fields, message) => warnings.push({ fields: fields as Record<string, unknown>, message }),
      error: quiet,
    },
  });
  const guard = await runtime.loadGuard(bytes, {
    name: 'paths',
    callBackend: async () => new Uint8Array(0),
    onGuestLog: (_level, line) => lines.push(line),
    ...options,
  });
  return { guard, warnings, lines, [Symbol.asyncDispose]: () => runtime.close() };
}

describe.each<Isolation>(['inline', 'worker'])('a guard %s', (isolation) => {
  test('labels a resource', async () => {
    await using opened = await open(isolation, guardGuest({ answers: { label_resource: LABELLED } }));
    await expect(opened.guard.labelResource({ tool: 'read', args: {} })).resolves.toEqual(LABELLED);
  });

  test('names itself in the stack of its trap, fails that call only, and knows its policy again afterwards', async () => {
    await using opened = await open(isolation, trappingGuard({ in: 'label_response' }));
    await opened.guard.labelAgent({ 'allow-only': { repos: 'all' } });
    const failed = await opened.guard.labelResponse({ tool: 'read', args: {}, result: null }).catch((error) => error);
    expect(failed).toMatchObject({ code: 'RUNTIME_GUEST_TRAP', facts: { exportName: 'label_response' } });
    expect((failed as Error & { cause: Error }).cause.stack).toContain('paths');
    await expect(opened.guard.labelResource({ tool: 'read', args: {} })).resolves.toBeDefined();
  });

  test('calls its backend, at most fifty times', async () => {
    const asked: unknown[] = [];
    await using opened = await open(isolation, backendGuard({ times: 51 }), {
      callBackend: async (tool, args, _signal, caller) => {
        asked.push([tool, args, caller]);
        return new TextEncoder().encode(`answer ${asked.length}`);
      },
    });
    const write = { tool: 'write', args: {} };
    await opened.guard.labelResource(write, { caller: 'alice' });
    expect(asked).toEqual(Array.from({ length: 50 }, () => ['read', { turn: true }, 'alice']));
    expect(opened.lines.at(1)).toBe('answer 1');
    expect(opened.lines.at(-1)).toBe('backend error 1');
    await opened.guard.labelResource(write);
    expect(asked.at(-1)).toEqual(['read', { turn: true }, undefined]);
  });

  test('hears -2 and the size when the answer of its backend does not fit', async () => {
    await using opened = await open(isolation, backendGuard({ capacityBytes: 4 }), {
      callBackend: async () => new Uint8Array(5),
    });
    await opened.guard.labelResource({ tool: 'write', args: {} });
    expect(opened.lines.at(-1)).toBe('backend error 2');
  });

  test('hears -1 when its backend fails', async () => {
    await using opened = await open(isolation, backendGuard(), {
      callBackend: () => Promise.reject(new Error('down')),
    });
    await opened.guard.labelResource({ tool: 'write', args: {} });
    expect(opened.lines.at(-1)).toBe('backend error 1');
  });

  test('is refused, not awaited, when its backend leads back to it', async () => {
    let inner: Promise<unknown> | undefined;
    await using opened = await open(isolation, backendGuard(), {
      callBackend: async () => {
        inner = expect(opened.guard.labelResource({ tool: 'x', args: {} })).rejects.toMatchObject({
          code: 'RUNTIME_REENTRY',
        });
        await inner;
        return new Uint8Array(0);
      },
    });
    await opened.guard.labelResource({ tool: 'write', args: {} });
    await inner;
  });

  test('without an allocator works over direct placement and is warned about once', async () => {
    await using opened = await open(isolation, directPlacementGuard());
    await opened.guard.labelResource({ tool: 'read', args: {} });
    await opened.guard.labelResource({ tool: 'read', args: {} });
    expect(opened.warnings.filter(({ fields }) => fields.module === 'paths')).toEqual([
      { fields: { module: 'paths', export: 'label_resource' }, message: expect.stringContaining('alloc') },
    ]);
  });

  test('rejects with its own error code', async () => {
    await using opened = await open(isolation, errorCodeGuard({ errorCode: -7 }));
    await expect(opened.guard.labelResource({ tool: 'read', args: {} })).rejects.toMatchObject({
      code: 'ABI_GUARD_CODE',
      guardCode: -7,
    });
  });

  test('with another signature is refused with the type expected and the type found', async () => {
    await expect(open(isolation, wrongSignatureGuard())).rejects.toThrow(
      /label_resource.*\(i32, i32, i32, i32\) -> i32.*\(i32, i32, i32\) -> i32/,
    );
  });

  test('rejects everything after close', async () => {
    await using opened = await open(isolation, guardGuest());
    await opened.guard.close();
    await expect(opened.guard.labelAgent({})).rejects.toMatchObject({ code: 'RUNTIME_MODULE_CLOSED' });
    await expect(opened.guard.healthy()).resolves.toBe(false);
  });
});
