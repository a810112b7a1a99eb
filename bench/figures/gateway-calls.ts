import { fileURLToPath } from 'node:url';
import type { Figure } from '../figure.ts';
import {
  callMany,
  connectClients,
  nodeFlags,
  type Program,
  programPath,
  type Run,
  startListening,
} from '../subjects/mcp-clients.ts';

const textkit = fileURLToPath(new URL('../../examples/plugins/dist/textkit.wasm', import.meta.url));
const listen = { listen: '127.0.0.1:0', prefix: 'auto' };
const bare: Program = { name: 'mcp-echo-program', args: [] };
const gateway = (config: object): Program => ({
  name: 'gateway-program',
  args: [JSON.stringify({ gateway: listen, ...config })],
});

/** What stands behind the gateway, and what the figure compares it with. */
const BEHIND = {
  plugin: {
    title: 'a plugin through the gateway, against the same tool in a bare SDK server',
    config: async () => ({ config: { plugins: { textkit: { path: textkit, isolation: 'inline' } } }, end: () => {} }),
  },
  server: {
    title: 'a server through the gateway, against the same client directly on the server',
    config: async (transport: 'http' | 'stdio') => {
      if (transport === 'stdio') {
        const args = [...nodeFlags, programPath('mcp-echo-program'), 'stdio'];
        return { config: { mcpServers: { echo: { command: process.execPath, args } } }, end: () => {} };
      }
      const { url, child } = await startListening(bare);
      return { config: { mcpServers: { echo: { url } } }, end: () => void child.kill() };
    },
  },
} as const;

const MEASURES = [
  { measure: 'p50Ms', title: 'median latency', unit: 'ms', aim: { ratio: 1.5, better: 'lower' as const } },
  { measure: 'p99Ms', title: 'p99 latency', unit: 'ms', aim: undefined },
  {
    measure: 'callsPerSecond',
    title: 'calls per second',
    unit: 'calls/s',
    aim: { ratio: 0.8, better: 'higher' as const },
  },
] as const satisfies readonly { measure: keyof Run; title: string; unit: string; aim: unknown }[];

function figuresFor(behind: keyof typeof BEHIND, transport: 'http' | 'stdio', callers: number): Figure[] {
  const { title: what, config: configure } = BEHIND[behind];
  return MEASURES.map(({ measure, title, unit, aim }) => ({
    name: `gateway-${behind} over ${transport}, ${callers} client${callers > 1 ? 's' : ''}: ${title} of ${what}`,
    unit,
    ...(aim && { aim }),
    setup: async ({ quick }) => {
      const { config, end } = await configure(transport);
      const direct = await connectClients(transport, bare, callers);
      const through = await connectClients(transport, gateway(config), callers);
      const calls = Math.max(callers * 4, quick ? 300 : 1_500);
      const run = async ({ clients }: typeof direct): Promise<number> =>
        (await callMany(clients, 'slugify', calls))[measure];
      await Promise.all([run(direct), run(through)]);
      return {
        baseline: () => run(direct),
        subject: () => run(through),
        note: 'clients, gateway and server are processes of their own; the clients are those of the SDK and speak the 2026 era',
        async [Symbol.asyncDispose]() {
          await Promise.all([direct.close(), through.close()]);
          end();
        },
      };
    },
  }));
}

const figures: readonly Figure[] = (['plugin', 'server'] as const).flatMap((behind) =>
  (['http', 'stdio'] as const).flatMap((transport) =>
    [1, 16, 128].flatMap((callers) => figuresFor(behind, transport, callers)),
  ),
);

export default figures;
