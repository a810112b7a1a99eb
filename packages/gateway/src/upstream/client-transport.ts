import type { ChildProcess } from 'node:child_process';
import { SSEClientTransport, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { ServerEntry } from '../config/servers-section.ts';

/**
 * The SDK asks a program for its protocol era in a second, throw-away process, unless the transport is a class of its
 * own. Every program would start twice; the connection falls back by itself where the question does not go down well.
 */
class ProgramTransport extends StdioClientTransport {
  override async start(): Promise<void> {
    await super.start();
    // The SDK notices a process that ends, but not one that closes its stdout and lives on: nothing can answer then.
    const { stdout } = Reflect.get(this, '_process') as ChildProcess;
    stdout?.once('end', () => {
      this.onclose?.();
      void this.close();
    });
  }
}

/** How one server is reached. */
export type TransportEntry =
  | Pick<Extract<ServerEntry, { type: 'stdio' }>, 'type' | 'command' | 'args' | 'env' | 'cwd'>
  | Pick<Extract<ServerEntry, { type: 'http' | 'sse' }>, 'type' | 'url' | 'headers'>;

/** Largest message a program may write, in bytes; more ends the connection. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

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
        maxBufferSize: MAX_MESSAGE_BYTES,
      });
      transport.stderr?.on('data', (chunk: Buffer) => onStderr(chunk.toString('utf8')));
      return transport;
    }
    case 'http':
      return new StreamableHTTPClientTransport(new URL(entry.url), { requestInit: { headers: entry.headers } });
    case 'sse':
      return new SSEClientTransport(new URL(entry.url), { requestInit: { headers: entry.headers } });
    default: {
      const unknown: never = entry;
      throw new TypeError(String(unknown));
    }
  }
}
