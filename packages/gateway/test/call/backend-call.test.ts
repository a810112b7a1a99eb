import { expect, test } from 'vitest';
import { createBackendCall } from '../../src/call/backend-call.ts';
import type { Served } from '../../src/call/served.ts';
import { BackendRefusedError } from '../../src/monitor/backend-refused-error.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';

/** A server that offers tools with these annotations, and answers every call alike. */
function serverOf(annotations: Readonly<Record<string, unknown>>): Served {
  const tools = Object.entries(annotations).map(([name, value]) => ObjectText.from({ name, annotations: value }));
  return {
    upstream: { offer: async () => ({ tools }) },
    forwarder: { forward: async () => ObjectText.from({ content: [] }) },
  } as unknown as Served;
}

const signal = new AbortController().signal;
const call = (tool: string, served: Served | undefined) =>
  createBackendCall(() => served)('files', tool, {}, signal, undefined);

test('a guard may call a tool that its server says is read-only', async () => {
  expect(Buffer.from(await call('read', serverOf({ read: { readOnlyHint: true } }))).toString()).toBe('{"content":[]}');
});

test.each([
  ['that says it is not read-only', { tool: { readOnlyHint: false } }, 'does not say that it is read-only'],
  ['that says nothing of it', { tool: {} }, 'does not say that it is read-only'],
  ['without annotations', { tool: undefined }, 'does not say that it is read-only'],
  ['whose hint is no boolean', { tool: { readOnlyHint: 'true' } }, 'does not say that it is read-only'],
  ['that does not exist', { other: { readOnlyHint: true } }, 'has no such tool'],
])('a tool %s is refused, and why is said', async (_, annotations, reason) => {
  const refused = call('tool', serverOf(annotations));
  await expect(refused).rejects.toThrow(BackendRefusedError);
  await expect(refused).rejects.toThrow(reason);
});

test('a server that is not there is no refusal', async () => {
  await expect(call('read', undefined)).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_UNAVAILABLE' });
});
