import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGateway, type Decision, type LockgateFile } from '@lockgate/gateway';
import { echoGuest } from '@lockgate/testkit';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Figure, Pair } from '../figure.ts';

const GUARD = fileURLToPath(new URL('../../examples/guards/dist/label-config.wasm', import.meta.url));

/** Every item is labelled by a rule of its own; every second one is private and is cut out. */
const rules = {
  mode: 'filter',
  calls: [
    {
      tool: 'echo',
      operation: 'read',
      items: {
        path: '/items',
        rules: [
          { match: { private: 'true' }, secrecy: ['private'] },
          { match: { id: '*' }, secrecy: [] },
        ],
      },
    },
  ],
};

const listing = (items: number): string =>
  JSON.stringify({ total: items, items: Array.from({ length: items }, (_, id) => ({ id, private: id % 2 === 1 })) });

/** A gateway with the echo plugin, guarded or not, and a client of it over HTTP. */
async function open(echo: string, guarded: boolean, onDecision: (decision: Decision) => void) {
  const guarding = guarded ? { guard: 'labels', 'guard-policies': { 'allow-only': { rules } } } : {};
  const config: LockgateFile = {
    gateway: { listen: '127.0.0.1:0' },
    guards: guarded ? { labels: { path: GUARD } } : {},
    plugins: { echo: { path: echo, ...guarding } },
  };
  const gateway = await createGateway(config, { onDecision });
  await gateway.started();
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL((await gateway.listen()).url)));
  return {
    call: (message: string) => client.callTool({ name: 'echo__echo', arguments: { message } }),
    close: async () => {
      await client.close();
      await gateway.close();
    },
  };
}

function figure(name: string, items: number, calls: number): Figure {
  return {
    name,
    unit: 'µs/call',
    setup: async ({ quick }): Promise<Pair> => {
      const folder = mkdtempSync(join(tmpdir(), 'lockgate-bench-'));
      const echo = join(folder, 'echo.wasm');
      writeFileSync(echo, echoGuest());
      const phases = new Map<string, number>();
      let decisions = 0;
      const plain = await open(echo, false, () => undefined);
      const guarded = await open(echo, true, ({ phaseMs }) => {
        decisions++;
        for (const [phase, ms] of Object.entries(phaseMs)) phases.set(phase, (phases.get(phase) ?? 0) + ms);
      });
      const message = listing(items);
      const rounds = quick ? Math.ceil(calls / 10) : calls;
      const time = (subject: typeof plain) => async () => {
        const started = performance.now();
        for (let round = 0; round < rounds; round++) {
          const { isError, content } = await subject.call(message);
          if (isError) throw new Error(JSON.stringify(content));
        }
        return ((performance.now() - started) * 1_000) / rounds;
      };
      return {
        baseline: time(plain),
        subject: time(guarded),
        get note() {
          const each = [...phases].map(([phase, ms]) => `${phase} ${((ms * 1_000) / decisions).toFixed(0)} µs`);
          return `mean of each phase of a guarded call: ${each.join(', ')}`;
        },
        [Symbol.asyncDispose]: async () => {
          await Promise.all([plain.close(), guarded.close()]);
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

export default [
  figure('monitor: guarded call against unguarded, 10 items', 10, 300),
  figure('monitor: guarded call against unguarded, 10,000 items', 10_000, 20),
];
