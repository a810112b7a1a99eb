import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PolicyRejectedError } from '@lockgate/abi';
import { describe, expect, test } from 'vitest';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';
import { GatewayClosedError } from '../../src/errors.ts';
import { silentLogger } from '../../src/logger.ts';
import { BackendRefusedError } from '../../src/monitor/backend-refused-error.ts';
import { Guards } from '../../src/monitor/guards.ts';
import type { LabelGuard } from '../../src/monitor/rule.ts';
import { EMPTY, PlainGuard } from './plain-guard.ts';

/** Guards over a loader that keeps account; a path in `broken` does not load. */
function guardsOver(broken = new Set<string>(), failure = (source: string) => new Error(`${source} is no guard.`)) {
  const errors: object[] = [];
  const loaded = new Map<string, string>();
  const live = new Map<string, string>();
  const unloaded: string[] = [];
  let time = 0;
  const guards = new Guards({
    loader: {
      loadGuard: async (source, { name }): Promise<LabelGuard> => {
        if (broken.has(String(source))) throw failure(String(source));
        loaded.set(name, String(source));
        live.set(name, `bytes of ${source}`);
        return new PlainGuard();
      },
      unload: async (name) => {
        unloaded.push(name);
      },
      list: () => [...live].map(([name, digest]) => ({ name, live: { digest } })),
    },
    callBackend: async () => new Uint8Array(),
    logger: { ...silentLogger, error: (facts) => void errors.push(facts) },
    now: () => time,
  });
  const later = (milliseconds: number) => {
    time += milliseconds;
  };
  const swap = (name: string, digest: string) => live.set(name, digest);
  return { guards, loaded, unloaded, later, errors, swap };
}

const file = (more: LockgateFile = {}) => configSchema.parse({ guards: { labels: { path: '/labels.wasm' } }, ...more });
const server = (more: object = {}) => ({ command: 'server', ...more });

describe('rules of servers', () => {
  test('follow from the configuration', async () => {
    const { guards, loaded } = guardsOver();
    await guards.apply(
      file({
        mcpServers: {
          files: server({
            guard: 'labels',
            'guard-policies': { 'allow-only': { rules: {} } },
            'tool-call-limits': { send: 2 },
          }),
          outbox: server({ 'guard-policies': { 'write-sink': { accept: ['a'] } } }),
          web: server(),
        },
      }),
    );
    expect(guards.ruleOf('files')).toMatchObject({
      rule: { kind: 'guard', guardName: 'labels' },
      toolCallLimits: { send: 2 },
    });
    expect(guards.ruleOf('outbox').rule.kind).toBe('sink');
    expect(guards.ruleOf('web').rule.kind).toBe('open');
    expect([...loaded]).toEqual([['labels@files', '/labels.wasm']]);
    expect(guards.active).toBe(true);
  });

  test('are inactive where there is nothing to look at', async () => {
    const { guards } = guardsOver();
    await guards.apply(file({ mcpServers: { web: server() } }));
    expect(guards.active).toBe(false);
  });

  test('a public sink accepts no secrecy, whatever it says', async () => {
    const { guards } = guardsOver();
    const policies = { 'write-sink': { accept: ['*'], 'sink-visibility': 'public' as const } };
    await guards.apply(file({ mcpServers: { out: server({ 'guard-policies': policies }) } }));
    const { rule } = guards.ruleOf('out');
    expect(rule.kind === 'sink' && rule.accept.has('private')).toBe(false);
  });
});

describe('a folder of guards', () => {
  const folderWith = (server: string, ...files: string[]): string => {
    const folder = mkdtempSync(join(tmpdir(), 'guards-'));
    mkdirSync(join(folder, server));
    for (const name of files) writeFileSync(join(folder, server, name), '');
    return folder;
  };
  const inFolder = (wasmGuardsDir: string, mcpServers: LockgateFile['mcpServers']) =>
    file({ gateway: { wasmGuardsDir }, mcpServers });
  const ask = async (guards: Guards, name: string) => {
    const { rule } = guards.ruleOf(name);
    return rule.kind === 'guard' ? rule.guard() : rule.kind;
  };

  test('gives each server the guard in its own folder', async () => {
    const folder = folderWith('files', 'found.wasm');
    const { guards, loaded } = guardsOver();
    await guards.apply(inFolder(folder, { files: server() }));
    expect([...loaded]).toEqual([['found@files', join(folder, 'files', 'found.wasm')]]);
    await expect(ask(guards, 'files')).resolves.toHaveProperty('labelAgent');
  });

  test('denies where a server’s folder is empty or missing, and says so', async () => {
    const { guards, errors } = guardsOver();
    await guards.apply(inFolder(folderWith('files', 'notes.txt'), { files: server(), web: server() }));
    for (const name of ['files', 'web']) await expect(ask(guards, name)).rejects.toThrow(`folder "${name}"`);
    expect(guards.active).toBe(true);
    expect(guards.status).toEqual([
      {
        server: 'files',
        guard: 'files',
        failure: expect.stringContaining('no .wasm file'),
        remedy: expect.any(String),
      },
      { server: 'web', guard: 'web', failure: expect.stringContaining('"guard": false'), remedy: expect.any(String) },
    ]);
    expect(errors).toMatchObject([{ server: 'files' }, { server: 'web' }]);
  });

  test('asks nothing of a server that says it has no guard, or that is a write-sink', async () => {
    const { guards } = guardsOver();
    const sink = server({ 'guard-policies': { 'write-sink': { accept: [] } } });
    await guards.apply(inFolder(folderWith('x'), { web: server({ guard: false }), out: sink }));
    expect([await ask(guards, 'web'), await ask(guards, 'out')]).toEqual(['open', 'sink']);
    expect(guards.status).toEqual([]);
  });

  test('denies when the guard vanishes and anything else changes, until it is back', async () => {
    const folder = folderWith('files', 'found.wasm');
    const { guards, unloaded, later } = guardsOver();
    await guards.apply(inFolder(folder, { files: server() }));
    rmSync(join(folder, 'files', 'found.wasm'));
    await guards.apply(inFolder(folder, { files: server(), web: server({ guard: false }) }));
    await expect(ask(guards, 'files')).rejects.toThrow('no .wasm file');
    expect(unloaded).toEqual(['found@files']);
    writeFileSync(join(folder, 'files', 'found.wasm'), '');
    later(1_000);
    await expect(ask(guards, 'files')).resolves.toHaveProperty('labelAgent');
    expect(guards.status).toEqual([{ server: 'files', guard: 'files' }]);
  });
});

describe('a guard that is not in service', () => {
  const inService = async (guards: Guards) => {
    const { rule } = guards.ruleOf('files');
    if (rule.kind !== 'guard') throw new TypeError('expected a guard');
    return rule.guard();
  };
  const guarded = { mcpServers: { files: server({ guard: 'labels' }) } };

  test('keeps its rule, says why, and is tried again at most once a second', async () => {
    const broken = new Set(['/labels.wasm']);
    const { guards, later } = guardsOver(broken);
    await guards.apply(file(guarded));
    expect(guards.status).toMatchObject([{ server: 'files', guard: 'labels', failure: '/labels.wasm is no guard.' }]);
    broken.clear();
    await expect(inService(guards)).rejects.toThrow('is no guard');
    later(1_000);
    await expect(inService(guards)).resolves.toHaveProperty('labelAgent');
    expect(guards.status).toEqual([{ server: 'files', guard: 'labels' }]);
  });

  test('is said once, and again when the reason is another or it had been in service', async () => {
    const broken = new Set(['/labels.wasm']);
    let reason = 'first';
    const { guards, later, errors } = guardsOver(broken, () => new Error(reason));
    const again = async (): Promise<number> => {
      later(1_000);
      await inService(guards).catch(() => {});
      return errors.length;
    };
    await guards.apply(file(guarded));
    expect([errors.length, await again(), await again()]).toEqual([1, 1, 1]);
    reason = 'second';
    expect([await again(), await again()]).toEqual([2, 2]);
  });

  test('because everything ends is no failure to tell of', async () => {
    const { guards, errors } = guardsOver(new Set(['/labels.wasm']), () => new GatewayClosedError());
    await guards.apply(file(guarded));
    expect(errors).toEqual([]);
  });

  test('because it is switched off denies like one that is broken', async () => {
    const { guards } = guardsOver();
    await guards.apply(file({ ...guarded, guards: { labels: { path: '/labels.wasm', disabled: true } } }));
    await expect(inService(guards)).rejects.toThrow('switched off');
  });
});

describe('a changed configuration', () => {
  const hash = (guards: Guards) => {
    const { rule } = guards.ruleOf('files');
    return rule.kind === 'guard' ? rule.policyHash : undefined;
  };
  const guarded = (policies: object, path = '/labels.wasm') =>
    file({
      guards: { labels: { path } },
      mcpServers: { files: server({ guard: 'labels', 'guard-policies': { 'allow-only': { rules: policies } } }) },
    });

  test('keeps guards that stay as they were, and the agents they have labelled', async () => {
    const { guards, loaded, unloaded } = guardsOver();
    await guards.apply(guarded({ a: 1, b: 2 }));
    const before = hash(guards);
    loaded.clear();
    await guards.apply(guarded({ b: 2, a: 1 }));
    expect([loaded.size, unloaded, hash(guards)]).toEqual([0, [], before]);
  });

  test('labels agents again for another policy and for another guard', async () => {
    const { guards, loaded, unloaded } = guardsOver();
    await guards.apply(guarded({ a: 1 }));
    const first = hash(guards);
    await guards.apply(guarded({ a: 2 }));
    const second = hash(guards);
    await guards.apply(guarded({ a: 2 }, '/other.wasm'));
    const third = hash(guards);
    expect(new Set([first, second, third]).size).toBe(3);
    const { guards: elsewhere } = guardsOver();
    await elsewhere.apply(guarded({ a: 2 }, '/other.wasm'));
    expect(hash(elsewhere), 'in another process').toBe(third);
    expect(unloaded).toEqual(['labels@files']);
    expect(loaded.get('labels@files')).toBe('/other.wasm');
  });

  test('labels agents again for another version of the same guard', async () => {
    const { guards, swap } = guardsOver();
    await guards.apply(guarded({ a: 1 }));
    const before = hash(guards);
    swap('labels@files', 'other bytes');
    expect(hash(guards)).not.toBe(before);
  });
});

test('a call that a guard may not make is told once for each tool, with the reason; other failures are not', async () => {
  const warnings: object[] = [];
  let ask: ((tool: string) => Promise<unknown>) | undefined;
  const guards = new Guards({
    loader: {
      loadGuard: async (_, { callBackend }) => {
        ask = (tool) =>
          callBackend(tool, {}, AbortSignal.timeout(60_000), undefined).catch((error: Error) => error.message);
        return new PlainGuard();
      },
      unload: async () => {},
      list: () => [],
    },
    callBackend: async (_server, tool) => {
      throw tool === 'broken' ? new Error('what a server says') : new BackendRefusedError('No.');
    },
    logger: { ...silentLogger, warn: (facts) => void warnings.push(facts) },
    now: () => 0,
  });
  await guards.apply(file({ mcpServers: { files: server({ guard: 'labels' }) } }));
  for (const tool of ['a', 'a', 'broken', 'b', 'a']) await ask?.(tool);
  expect(warnings).toEqual([
    { guard: 'labels', server: 'files', tool: 'a', reason: 'No.' },
    { guard: 'labels', server: 'files', tool: 'b', reason: 'No.' },
  ]);
  for (let index = 0; index < 200; index++) await ask?.(`tool ${index}`);
  expect(warnings).toHaveLength(100);
});

describe('a guard that refuses its policy', () => {
  const fussy = () => {
    const errors: object[] = [];
    const live = { digest: 'first', takes: false };
    const guards = new Guards({
      loader: {
        loadGuard: async () => {
          const guard = new PlainGuard();
          return Object.assign(guard, {
            labelAgent: async () => {
              if (!live.takes) throw new PolicyRejectedError('no "rules" in it');
              return { agent: EMPTY, difcMode: 'strict' as const };
            },
          });
        },
        unload: async () => {},
        list: () => [{ name: 'labels@files', live }],
      },
      callBackend: async () => new Uint8Array(),
      logger: { ...silentLogger, error: (facts) => void errors.push(facts) },
      now: () => 0,
    });
    const config = file({ mcpServers: { files: server({ guard: 'labels' }) } });
    const ask = async () => {
      const { rule } = guards.ruleOf('files');
      if (rule.kind === 'guard') await (await rule.guard()).labelAgent(rule.policy);
    };
    return { guards, errors, live, config, ask };
  };

  test('is shown with its words and the remedy before anybody calls, and said once', async () => {
    const { guards, errors, config, ask } = fussy();
    await guards.apply(config);
    await expect(ask()).rejects.toThrow('no "rules" in it');
    const remedy = expect.stringContaining('"guard-policies"');
    const failure = expect.stringContaining('no "rules" in it');
    expect(guards.status).toEqual([{ server: 'files', guard: 'labels', failure, remedy }]);
    expect(errors).toMatchObject([{ server: 'files', guard: 'labels', remedy }]);
  });

  test('is well again once it takes the policy, or where another version is live', async () => {
    const { guards, live, config, ask } = fussy();
    await guards.apply(config);
    await expect(ask()).rejects.toThrow();
    live.digest = 'second';
    expect(guards.status).toEqual([{ server: 'files', guard: 'labels' }]);
    await expect(ask()).rejects.toThrow();
    expect(guards.status).toMatchObject([{ failure: expect.any(String) }]);
    live.takes = true;
    await ask();
    expect(guards.status).toEqual([{ server: 'files', guard: 'labels' }]);
  });
});
