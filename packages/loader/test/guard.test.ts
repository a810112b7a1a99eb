import {
  backendGuard,
  errorCodeGuard,
  Gate,
  type GuardGuestOptions,
  guardGuest,
  idle,
  missingExportGuard,
} from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { LoadGuardOptions } from '../src/index.ts';
import { isolations, openStage } from './stage.ts';

const OPTIONS: LoadGuardOptions = { name: 'paths', callBackend: async () => new Uint8Array() };
const REQUEST = { tool: 'read', args: {} };

/** Says its version as a resource's description, accepts every policy but those that contain `refused`. */
function guardVersion(version: string, options: GuardGuestOptions = {}): Uint8Array<ArrayBuffer> {
  return guardGuest(guardAnswers(version, options));
}

function guardAnswers(version: string, { rules }: GuardGuestOptions): GuardGuestOptions {
  const resource = { description: version, secrecy: [], integrity: [] };
  return {
    answers: { label_resource: { resource, operation: 'read' } },
    rules: { label_agent: [{ contains: 'never', answer: { success: false } }, ...(rules?.label_agent ?? [])] },
  };
}

describe.each(isolations)('a guard behind its handle (%s)', (isolation) => {
  test('is replaced without a moment in which a request would pass unlabelled', async () => {
    await using stage = await openStage({ isolation });
    const guard = await stage.loader.loadGuard(guardVersion('A'), OPTIONS);
    let reloading = true;
    const seen = new Set<string>();
    const callers = Array.from({ length: 4 }, async () => {
      while (reloading) {
        seen.add((await guard.labelResource(REQUEST)).resource.description);
        await idle(1); // inline calls alone would never let the event loop turn
      }
    });
    for (const version of ['B', 'C', 'D']) await stage.loader.reload('paths', guardVersion(version));
    reloading = false;
    await Promise.all(callers);

    expect(await guard.labelResource(REQUEST)).toMatchObject({ resource: { description: 'D' } });
    expect([...seen].every((version) => 'ABCD'.includes(version))).toBe(true);
    expect(stage.loader.getGuard('paths')).toBe(guard);
    expect(guard.name).toBe('paths');
    expect(await guard.healthy()).toBe(true);
  });

  test('takes over the policy in force before it goes live', async () => {
    const lines: string[] = [];
    await using stage = await openStage({ isolation });
    const guard = await stage.loader.loadGuard(guardVersion('A'), {
      ...OPTIONS,
      onGuestLog: (_level, line) => lines.push(line),
    });
    await guard.labelAgent({ first: true });
    await guard.labelAgent({ second: true });
    lines.length = 0;
    stage.loader.on('reloaded', () => lines.push('live'));
    await stage.loader.reload('paths', guardVersion('B'));

    expect(lines).toEqual(['label_agent', 'live']);
  });

  test('stays in force when the new version refuses that policy', async () => {
    await using stage = await openStage({ isolation });
    const guard = await stage.loader.loadGuard(guardVersion('A'), OPTIONS);
    await guard.labelAgent({ 'allow-only': { repos: 'public' } });
    const refusing = guardVersion('B', {
      rules: { label_agent: [{ contains: 'allow-only', answer: { success: false } }] },
    });

    await expect(stage.loader.reload('paths', refusing)).rejects.toMatchObject({
      code: 'LOADER_SWAP_REJECTED',
      facts: { reason: 'policy refused' },
    });
    expect(await guard.labelResource(REQUEST)).toMatchObject({ resource: { description: 'A' } });
  });

  test('rejects every call once it is unloaded', async () => {
    await using stage = await openStage({ isolation });
    const guard = await stage.loader.loadGuard(guardVersion('A'), OPTIONS);
    await stage.loader.unload('paths');
    const closed = { code: 'RUNTIME_MODULE_CLOSED' };

    await expect(guard.labelAgent({})).rejects.toMatchObject(closed);
    await expect(guard.labelResource(REQUEST)).rejects.toMatchObject(closed);
    await expect(guard.labelResponse({ ...REQUEST, result: {} })).rejects.toMatchObject(closed);
    expect(await guard.healthy()).toBe(false);
  });
});

test('a policy that the live version refuses is not the one in force', async () => {
  await using stage = await openStage();
  const guard = await stage.loader.loadGuard(guardVersion('A'), OPTIONS);
  await guard.labelAgent({ good: true });
  await expect(guard.labelAgent({ never: true })).rejects.toThrow();

  await expect(stage.loader.reload('paths', guardVersion('B'))).resolves.toMatchObject({ generation: 2 });
});

test('a policy accepted while the new version takes over the one before is taken over too', async () => {
  await using stage = await openStage();
  const lines: string[] = [];
  const gate = new Gate();
  let held = false;
  const guard = await stage.loader.loadGuard(guardVersion('A'), {
    ...OPTIONS,
    onGuestLog: (_level, line) => lines.push(line),
    async callBackend() {
      if (held) await gate.pass();
      return new TextEncoder().encode('{}');
    },
  });
  await guard.labelAgent({ first: true });
  held = true;
  const reload = stage.loader.reload('paths', backendGuard({ ...guardAnswers('B', {}), in: 'label_agent' }));
  await gate.reached; // the new version is inside the replay of the first policy
  await guard.labelAgent({ second: true });
  lines.length = 0;
  gate.open();
  await reload;

  expect(lines).toEqual(['{}', 'label_agent', '{}']); // the replay of the first ends, and the second is replayed whole
});

test('a policy whose answer comes after the swap is asked of the new version too', async () => {
  await using stage = await openStage();
  const gate = new Gate();
  const guard = await stage.loader.loadGuard(backendGuard({ ...guardAnswers('A', {}), in: 'label_agent' }), {
    ...OPTIONS,
    async callBackend() {
      await gate.pass();
      return new TextEncoder().encode('{}');
    },
  });
  const labelling = guard.labelAgent({ 'allow-only': { repos: 'all' } });
  await gate.reached;
  const mode = { agent: { secrecy: [], integrity: [] }, difc_mode: 'filter' };
  await stage.loader.reload('paths', guardGuest({ answers: { label_agent: mode } }));
  gate.open();

  expect(await labelling).toMatchObject({ difcMode: 'filter' });
});

test('a guard that is no guard, or answers with an error, does not replace one that works', async () => {
  await using stage = await openStage();
  const guard = await stage.loader.loadGuard(guardVersion('A'), OPTIONS);
  await guard.labelAgent({ some: 'policy' });

  await expect(stage.loader.reload('paths', missingExportGuard())).rejects.toMatchObject({
    facts: { reason: 'missing export' },
  });
  await expect(stage.loader.reload('paths', errorCodeGuard({ in: 'label_agent' }))).rejects.toMatchObject({
    facts: { reason: 'policy refused' },
  });
  expect(await guard.labelResource(REQUEST)).toMatchObject({ resource: { description: 'A' } });
});
