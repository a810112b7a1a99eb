import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { keepChild, nodeFlags } from './children.ts';

/** A program of this folder and how it is started. */
export interface Program {
  readonly name: 'gateway-program' | 'mcp-echo-program' | 'copying-program';
  readonly args: readonly string[];
}

export const programPath = (name: Program['name']): string => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));

/** Starts a program that listens, and answers its address. */
export async function startListening({
  name,
  args,
}: Program): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const options = { stdio: ['ignore', 'pipe', 'inherit'] as ['ignore', 'pipe', 'inherit'] };
  const child = keepChild(spawn(process.execPath, [...nodeFlags, programPath(name), 'http', ...args], options));
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  return { url, child };
}

/** Clients of the SDK, connected: over HTTP each has its own connection, over a pipe all share one. */
export async function connectClients(transport: 'http' | 'stdio', program: Program, callers: number) {
  const connect = async (to: StreamableHTTPClientTransport | StdioClientTransport): Promise<Client> => {
    const client = new Client({ name: 'bench', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(to);
    return client;
  };
  if (transport === 'stdio') {
    const args = [...nodeFlags, programPath(program.name), 'stdio', ...program.args];
    const client = await connect(new StdioClientTransport({ command: process.execPath, args }));
    return { clients: Array.from({ length: callers }, () => client), close: () => client.close() };
  }
  const { url, child } = await startListening(program);
  const clients = await Promise.all(
    Array.from({ length: callers }, () => connect(new StreamableHTTPClientTransport(new URL(url)))),
  );
  const close = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.close()));
    child.kill();
  };
  return { clients, close };
}

/** What one run of many calls came to. */
export interface Run {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly callsPerSecond: number;
}

/** Lets each client call a tool again and again until all together have made so many calls. */
export async function callMany(clients: readonly Client[], tool: string, calls: number): Promise<Run> {
  const times: number[] = [];
  let left = calls;
  const started = performance.now();
  const caller = async (client: Client): Promise<void> => {
    while (left-- > 0) {
      const begun = performance.now();
      const { content } = await client.callTool({ name: tool, arguments: { text: 'Hello there' } });
      times.push(performance.now() - begun);
      const [first] = content as { text?: string }[];
      if (first?.text !== 'hello-there') throw new Error(`wrong answer: ${JSON.stringify(content)}`);
    }
  };
  await Promise.all(clients.map(caller));
  const elapsed = performance.now() - started;
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99), callsPerSecond: (calls * 1_000) / elapsed };
}
