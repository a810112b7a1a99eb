import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { serveEverything } from './fixtures/everything-server.ts';
import { failedChecks, type Outcome, runOnce, runRequirements, sideBySide } from './suite.ts';

const fixture = new URL('./fixtures/everything-stdio.ts', import.meta.url).pathname;
const REQUIRED = { '2025-11-25': 30, '2026-07-28': 37 } as const;

let direct: Awaited<ReturnType<typeof serveEverything>>;
const gateways: Gateway[] = [];
const urls: Record<string, string> = {};
let older: Awaited<ReturnType<typeof serveEverything>>;
let olderServer: string;

async function openGateway(entry: object): Promise<string> {
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', prefix: 'auto' },
    mcpServers: { fixture: entry as never },
  });
  gateways.push(gateway);
  return (await gateway.listen()).url;
}

beforeAll(async () => {
  direct = await serveEverything();
  const overHttp = await openGateway({ url: direct.url });
  const program = { command: process.execPath, args: ['--conditions=@lockgate/source', fixture] };
  const overStdio = await openGateway(program);
  Object.assign(urls, {
    direct: direct.url,
    'http unified': overHttp,
    'http routed': `${overHttp}/fixture`,
    'stdio unified': overStdio,
    'stdio routed': `${overStdio}/fixture`,
  });
  older = await serveEverything({ only2025: true });
  olderServer = await openGateway({ url: older.url });
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await Promise.all([direct.close(), older.close()]);
});

describe.each(['2025-11-25', '2026-07-28'] as const)('the suite that %s requires', (revision) => {
  test('passes through the gateway wherever it passes without it', async () => {
    const columns: Record<string, Outcome> = {};
    const waiting = Object.entries(urls);
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [name, url] = next;
        columns[name] = await runRequirements(url, revision);
      }
    };
    await Promise.all([work(), work()]);
    const ordered = Object.fromEntries(Object.keys(urls).map((name) => [name, columns[name] ?? new Map()]));
    console.log(sideBySide(revision, ordered));
    const { direct: baseline = new Map<string, boolean>() } = columns;
    expect([...baseline].filter(([, passed]) => passed)).toHaveLength(REQUIRED[revision]);
    for (const outcome of Object.values(columns)) expect(outcome).toEqual(baseline);
  });
});

test('what 2025-11-25 requires passes with a server behind that knows no other era', async () => {
  const outcome = await runRequirements(olderServer, '2025-11-25');
  expect([...outcome].filter(([, passed]) => !passed)).toEqual([]);
  expect(outcome.size).toBe(REQUIRED['2025-11-25']);
});

/** Scenarios that need no tool, resource or prompt of the suite's own. */
const PLUGIN_SCENARIOS = {
  '2025-11-25': ['server-initialize', 'ping', 'tools-list', 'server-sse-multiple-streams', 'dns-rebinding-protection'],
  '2026-07-28': [
    'tools-list',
    'server-sse-multiple-streams',
    'sep-2164-resource-not-found',
    'dns-rebinding-protection',
  ],
} as const;

describe('an endpoint with nothing but plugins', () => {
  let url: string;

  beforeAll(async () => {
    const path = new URL('../../../../examples/plugins/dist/textkit.wasm', import.meta.url).pathname;
    const gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, plugins: { textkit: { path } } });
    gateways.push(gateway);
    await gateway.started();
    ({ url } = await gateway.listen());
  });

  test.each(['2025-11-25', '2026-07-28'] as const)('passes what %s requires of it', async (revision) => {
    const outcome = await runOnce(url, revision);
    const passed = PLUGIN_SCENARIOS[revision].filter((scenario) => outcome.get(scenario));
    expect(passed).toEqual(PLUGIN_SCENARIOS[revision]);
  });

  test('fails of the stateless checks only those that need tools of the suite', async () => {
    const failed = await failedChecks(url, '2026-07-28', 'server-stateless');
    expect(failed.filter((reason) => !reason.startsWith('Not testable'))).toEqual([]);
  });
});
