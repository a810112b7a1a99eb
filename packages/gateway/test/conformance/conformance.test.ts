import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { serveEverything } from './fixtures/everything-server.ts';
import { failedChecks, type Outcome, runRequirements, runScenario, sideBySide } from './suite.ts';

const fixture = new URL('./fixtures/everything-stdio.ts', import.meta.url).pathname;
const REQUIRED = { '2025-11-25': 30, '2026-07-28': 37 } as const;

let direct: Awaited<ReturnType<typeof serveEverything>>;
const gateways: Gateway[] = [];
const urls: Record<string, string> = {};
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
  olderServer = await openGateway({ ...program, args: [...program.args, '--only-2025'] });
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await direct.close();
});

describe.each(['2025-11-25', '2026-07-28'] as const)('the suite that %s requires', (revision) => {
  test('passes through the gateway wherever it passes without it', { timeout: 120_000 }, async () => {
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

test.each([
  'logging-set-level',
  'tools-call-with-logging',
  'tools-call-with-progress',
  'tools-call-sampling',
  'tools-call-elicitation',
  'elicitation-sep1330-enums',
])('%s passes with a server behind that knows the 2025 era only', async (scenario) => {
  expect(await runScenario(olderServer, '2025-11-25', scenario)).toBe(true);
});

/** Scenarios that need no tool, resource or prompt of the suite's own. */
const PLUGIN_SCENARIOS = [
  ['2025-11-25', 'server-initialize'],
  ['2025-11-25', 'ping'],
  ['2025-11-25', 'tools-list'],
  ['2025-11-25', 'server-session-lifecycle'],
  ['2025-11-25', 'dns-rebinding-protection'],
  ['2026-07-28', 'tools-list'],
  ['2026-07-28', 'dns-rebinding-protection'],
  ['2026-07-28', 'http-header-validation'],
] as const;

describe('an endpoint with nothing but plugins', () => {
  let url: string;

  beforeAll(async () => {
    const path = new URL('../../../../examples/plugins/dist/textkit.wasm', import.meta.url).pathname;
    const gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, plugins: { textkit: { path } } });
    gateways.push(gateway);
    await gateway.started();
    ({ url } = await gateway.listen());
  });

  test.each(PLUGIN_SCENARIOS)('passes %s %s', async (revision, scenario) => {
    expect(await runScenario(url, revision, scenario)).toBe(true);
  });

  test('fails of the stateless checks only those that need tools of the suite', async () => {
    const failed = await failedChecks(url, '2026-07-28', 'server-stateless');
    expect(failed.filter((reason) => !reason.startsWith('Not testable'))).toEqual([]);
  });
});
