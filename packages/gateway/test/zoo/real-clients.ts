import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BYTECODE, pythonWith } from '../e2e/real-clients/python-environment.ts';
import type { RealClient, Transport } from '../e2e/real-clients/real-client.ts';
import { firstHttpSdk, firstSdk, lastSdk, openSdkOne, type SdkOne } from '../e2e/real-clients/sdk-one.ts';
import { openSdkTwo, SDK_TWO } from '../e2e/real-clients/sdk-two.ts';
import type { Addresses } from '../e2e/real-clients/served-gateway.ts';
import { exerciseClient } from './client-steps.ts';
import type { Step, Transcript } from './transcript.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const steps = new URL('client_steps.py', import.meta.url).pathname;

/** A client of some SDK, and what it hears at these addresses. */
export interface ZooClient {
  readonly name: string;
  readonly version: string;
  readonly language: 'TypeScript' | 'Python';
  readonly transport: Transport;
  readonly era: 'legacy' | 'modern';
  /** @throws Error that says why the client is not there. */
  readonly hear: (addresses: Addresses) => Promise<Transcript>;
}

const ALL: readonly Transport[] = ['streamable HTTP', 'stdio', 'HTTP+SSE'];

const HTTP_OR_PIPE: readonly Transport[] = ['streamable HTTP', 'stdio'];

export const CLIENTS: readonly ZooClient[] = [
  ...sdkOne('1.0.0', firstSdk, ['stdio', 'HTTP+SSE']),
  ...sdkOne('1.10.0', firstHttpSdk, ALL),
  ...sdkOne('1.32.2', lastSdk, ALL),
  ...ALL.map((transport) => sdkTwo('legacy', transport)),
  ...HTTP_OR_PIPE.map((transport) => sdkTwo('modern', transport)),
  bridge('streamable HTTP', 'http-only'),
  bridge('HTTP+SSE', 'sse-only'),
  ...ALL.map(inspector),
  ...python('mcp', '1.8.1', 'mcp_one', 'legacy', ['streamable HTTP', 'HTTP+SSE'], 'pydantic==2.11.10'),
  ...python('mcp', '1.30.0', 'mcp_one', 'legacy', ALL),
  ...python('mcp', '2.3.0', 'mcp_two', 'legacy', ['streamable HTTP', 'HTTP+SSE']),
  ...python('mcp', '2.3.0', 'mcp_two', 'auto', HTTP_OR_PIPE),
  ...python('fastmcp', '4.2.3', 'fast_mcp', 'auto', ['streamable HTTP']),
  ...python('fastmcp', '4.2.3', 'fast_mcp', 'legacy', ['stdio']),
];

async function heardBy(opening: Promise<RealClient>): Promise<Transcript> {
  await using client = await opening;
  return exerciseClient(client);
}

function sdkOne(version: string, sdk: () => Promise<SdkOne>, transports: readonly Transport[]): ZooClient[] {
  return transports.map((transport) => ({
    name: 'TypeScript SDK',
    version,
    language: 'TypeScript',
    transport,
    era: 'legacy',
    hear: async (addresses) => heardBy(openSdkOne(await sdk(), transport, addresses)),
  }));
}

function sdkTwo(era: ZooClient['era'], transport: Transport): ZooClient {
  const hear = (addresses: Addresses): Promise<Transcript> => heardBy(openSdkTwo(era, transport, addresses));
  return { name: 'TypeScript SDK', version: SDK_TWO, language: 'TypeScript', transport, era, hear };
}

/** The newest SDK over stdio to the bridge, which speaks the transport. */
function bridge(transport: Transport, strategy: string): ZooClient {
  const { version } = require('mcp-remote/package.json') as { version: string };
  const program = join(dirname(require.resolve('mcp-remote/package.json')), 'dist/proxy.js');
  return {
    name: 'mcp-remote',
    version,
    language: 'TypeScript',
    transport,
    era: 'legacy',
    hear: async (addresses) => {
      const url = transport === 'HTTP+SSE' ? addresses.sse : addresses.http;
      const stdio = { ...addresses.stdio, command: process.execPath, args: [program, url, '--transport', strategy] };
      return heardBy(openSdkOne(await lastSdk(), 'stdio', { ...addresses, stdio }));
    },
  };
}

const INSPECTED: readonly (readonly [label: string, ...args: string[]])[] = [
  ['tools/list'],
  ['tools/call', '--tool-name', 'echo', '--tool-arg', 'message=héllo'],
  ['tools/call', '--tool-name', 'get-structured-content', '--tool-arg', 'location=New York'],
  ['resources/list'],
  ['resources/read', '--uri', 'demo://resource/static/document/architecture.md'],
  ['prompts/list'],
  ['prompts/get', '--prompt-name', 'simple-prompt'],
];

function inspector(transport: Transport): ZooClient {
  const home = dirname(require.resolve('@modelcontextprotocol/inspector/package.json'));
  const { version } = require('@modelcontextprotocol/inspector/package.json') as { version: string };
  const program = join(home, 'clients/launcher/build/index.js');
  return {
    name: 'MCP Inspector',
    version,
    language: 'TypeScript',
    transport,
    era: 'legacy',
    hear: async ({ http, sse, stdio }) => {
      const target = {
        'streamable HTTP': [http, '--transport', 'http'],
        'HTTP+SSE': [sse, '--transport', 'sse'],
        stdio: Object.entries(stdio.env).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
      }[transport];
      // Options of the server are its own where they stand behind this: the inspector has some of the same names.
      const command = transport === 'stdio' ? ['--', stdio.command, ...stdio.args] : [];
      const heard: Step[] = [];
      for (const [method, ...args] of INSPECTED) {
        const asked = ['--cli', ...target, '--method', method, ...args, ...command];
        const said = await run(process.execPath, [program, ...asked]);
        const answer = { kind: 'result', text: JSON.stringify(JSON.parse(said.stdout)), progress: [] } as const;
        heard.push({ label: [method, ...args].join(' '), method, answer });
      }
      return transcript(heard);
    },
  };
}

function python(
  name: string,
  version: string,
  module: string,
  mode: 'legacy' | 'auto',
  transports: readonly Transport[],
  ...pins: readonly string[]
): ZooClient[] {
  return transports.map((transport) => ({
    name: name === 'mcp' ? 'Python mcp' : name,
    version,
    language: 'Python',
    transport,
    era: mode === 'auto' ? 'modern' : 'legacy',
    hear: async (addresses) => {
      const environment = await pythonWith(`${name}==${version}`, ...pins);
      if ('missing' in environment) throw new Error(environment.missing);
      const args = [steps, module, transport, mode, JSON.stringify(addresses)];
      const env = { ...process.env, PYTHONPYCACHEPREFIX: BYTECODE, PYTHONUNBUFFERED: '1' };
      const { stdout } = await run(environment.python, args, { env, maxBuffer: 1 << 26 });
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
      return transcript(lines.map((line) => stepOf(JSON.parse(line) as Printed)));
    },
  }));
}

/** A line of `client_steps.py`. */
interface Printed {
  readonly label: string;
  readonly method: string;
  readonly kind: 'result' | 'error';
  readonly value: unknown;
}

function stepOf({ label, method, kind, value }: Printed): Step {
  return { label, method, answer: { kind, text: JSON.stringify(value), progress: [] } };
}

function transcript(heard: readonly Step[]): Transcript {
  return {
    steps: heard,
    counts: { tools: 0, resources: 0, resourceTemplates: 0, prompts: 0 },
    toldAtStart: [],
    told: [],
    asked: [],
  };
}
