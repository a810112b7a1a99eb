import { fileURLToPath } from 'node:url';
import type { Figure } from '../figure.ts';
import { nodeFlags } from '../subjects/children.ts';
import {
  callMany,
  connectClients,
  type Program,
  programPath,
  type Run,
  startListening,
} from '../subjects/mcp-clients.ts';

const textkit = fileURLToPath(new URL('../../examples/plugins/dist/textkit.wasm', import.meta.url));
const listen = { listen: '127.0.0.1:0', prefix: 'auto' };
const bare: Program = { name: 'mcp-echo-program', args: [] };

/** What one figure measures: a program that stands between, and what is behind it. */
interface Between {
  readonly title: string;
  /** Whether it must come near what it is compared with. */
  readonly aims: boolean;
  readonly open: (transport: 'http' | 'stdio') => Promise<{ readonly program: Program; readonly end: () => void }>;
}

const gateway = (config: object): Program => ({
  name: 'gateway-program',
  args: [JSON.stringify({ gateway: listen, ...config })],
});

/** Puts a program in front of the bare server, which it reaches at an address or starts with these arguments. */
function inFrontOf(http: (url: string) => Program, stdio: (args: readonly string[]) => Program): Between['open'] {
  return async (transport) => {
    if (transport === 'stdio') {
      return { program: stdio([...nodeFlags, programPath(bare.name), 'stdio']), end: () => {} };
    }
    const { url, child } = await startListening(bare);
    return { program: http(url), end: () => void child.kill() };
  };
}

const BETWEEN: Readonly<Record<string, Between>> = {
  'gateway-sdk-plugin': {
    title: 'a plugin through the gateway, against the same tool in a bare SDK server',
    aims: true,
    open: async () => ({
      program: gateway({ plugins: { textkit: { path: textkit, isolation: 'inline' } } }),
      end: () => {},
    }),
  },
  'gateway-sdk-server': {
    title: 'a server through the gateway, against the same client directly on the server',
    aims: true,
    open: inFrontOf(
      (url) => gateway({ mcpServers: { echo: { url } } }),
      (args) => gateway({ mcpServers: { echo: { command: process.execPath, args } } }),
    ),
  },
  'gateway-sdk-floor': {
    title: 'a server behind a program that only copies bytes, against the same client directly on the server',
    aims: false,
    open: inFrontOf(
      (url) => ({ name: 'copying-program', args: [url] }),
      (args) => ({ name: 'copying-program', args }),
    ),
  },
};

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

function figuresFor(
  name: string,
  { title: what, aims, open }: Between,
  transport: 'http' | 'stdio',
  callers: number,
): Figure[] {
  return MEASURES.map(({ measure, title, unit, aim }) => ({
    name: `${name} over ${transport}, ${callers} client${callers > 1 ? 's' : ''}: ${title} of ${what}`,
    unit,
    ...(aims && aim && { aim }),
    setup: async ({ quick }) => {
      const { program, end } = await open(transport);
      const direct = await connectClients(transport, bare, callers);
      const through = await connectClients(transport, program, callers);
      const calls = Math.max(callers * 4, quick ? 300 : 1_500);
      const run = async ({ clients }: typeof direct): Promise<number> =>
        (await callMany(clients, 'slugify', calls))[measure];
      await Promise.all([run(direct), run(through)]);
      return {
        baseline: () => run(direct),
        subject: () => run(through),
        note: 'clients, what stands between, and server are processes of their own; the clients are those of the SDK and speak the 2026 era',
        async [Symbol.asyncDispose]() {
          await Promise.all([direct.close(), through.close()]);
          end();
        },
      };
    },
  }));
}

const figures: readonly Figure[] = Object.entries(BETWEEN).flatMap(([name, between]) =>
  (['http', 'stdio'] as const).flatMap((transport) =>
    [1, 16, 128].flatMap((callers) => figuresFor(name, between, transport, callers)),
  ),
);

export default figures;
