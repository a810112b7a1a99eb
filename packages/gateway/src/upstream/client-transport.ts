import { SSEClientTransport, type Transport } from '@modelcontextprotocol/client';
import { getDefaultEnvironment } from '@modelcontextprotocol/client/stdio';
import type { ServerEntry } from '../config/servers-section.ts';
import { fetchWithoutDeadlines } from './http-fetch.ts';
import { HttpTransport } from './http-transport.ts';
import { ProgramTransport } from './program-transport.ts';

/** How one server is reached. */
export type TransportEntry =
  | Pick<Extract<ServerEntry, { type: 'stdio' }>, 'type' | 'command' | 'args' | 'env' | 'cwd'>
  | Pick<Extract<ServerEntry, { type: 'http' | 'sse' }>, 'type' | 'url' | 'headers'>;

/** A fresh transport to the server; each serves one connection. `onStderr` gets what a program writes there. */
export function clientTransport(entry: TransportEntry, onStderr: (text: string) => void): Transport {
  switch (entry.type) {
    case 'stdio': {
      const transport = new ProgramTransport({
        command: entry.command,
        args: [...entry.args],
        env: { ...getDefaultEnvironment(), ...entry.env },
        ...(entry.cwd !== undefined && { cwd: entry.cwd }),
        stderr: 'pipe',
      });
      transport.stderr?.on('data', (chunk: Buffer) => onStderr(chunk.toString('utf8')));
      return transport;
    }
    case 'http':
      return new HttpTransport(new URL(entry.url), entry.headers);
    case 'sse':
      return new SSEClientTransport(new URL(entry.url), {
        requestInit: { headers: entry.headers },
        fetch: fetchWithoutDeadlines,
      });
    default: {
      const unknown: never = entry;
      throw new TypeError(String(unknown));
    }
  }
}
