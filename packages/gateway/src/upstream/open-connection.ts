import {
  type ClientCapabilities,
  type Implementation,
  type PriorDiscovery,
  SdkHttpError,
} from '@modelcontextprotocol/client';
import type { ServerEntry } from '../config/servers-section.ts';
import { DeadlineError } from '../errors.ts';
import { clientTransport, type TransportEntry } from './client-transport.ts';
import { Connection, type ConnectionOptions } from './connection.ts';

export interface OpenOptions
  extends Pick<ConnectionOptions, 'onNotification' | 'onStrayRequest' | 'onError' | 'signal'> {
  readonly server: string;
  readonly entry: ServerEntry;
  readonly clientInfo: Implementation;
  readonly capabilities: ClientCapabilities;
  /** What an earlier connection found out about the server's era. */
  readonly prior: PriorDiscovery | undefined;
  readonly onStderr: (text: string) => void;
}

/**
 * Connects to a server in whatever way it understands: the 2026 era, else the handshake of 2025; streamable HTTP, else
 * the older HTTP with SSE where the address answers as only that does.
 *
 * @throws GATEWAY_DEADLINE when `connectTimeoutMs` has passed.
 */
export async function openConnection(options: OpenOptions): Promise<Connection> {
  const { entry, server } = options;
  const timeoutMs = entry.connectTimeoutMs;
  const late = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([options.signal, late]);
  try {
    return await unlessAborted(signal, attempt({ ...options, signal }, timeoutMs));
  } catch (error) {
    if (late.aborted && !options.signal.aborted) throw new DeadlineError({ server, method: 'connect', timeoutMs });
    throw error;
  }
}

async function attempt(options: OpenOptions, timeoutMs: number): Promise<Connection> {
  const { entry, prior, onStderr } = options;
  const open = (transportEntry: TransportEntry, era: ConnectionOptions['era']): Promise<Connection> =>
    Connection.open({ ...options, transport: clientTransport(transportEntry, onStderr), era, timeoutMs });
  if (entry.type === 'sse') return open(entry, { kind: 'legacy' });
  if (prior) return open(entry, prior).catch((error: unknown) => again(error, options, () => open(entry, 'auto')));
  try {
    return await open(entry, 'auto');
  } catch (error) {
    if (options.signal.aborted) throw error;
    // A program that ends at a question it does not know is asked nothing the second time.
    if (entry.type === 'stdio') return open(entry, { kind: 'legacy' });
    if (!speaksOnlySse(error)) throw error;
    return open({ ...entry, type: 'sse' }, { kind: 'legacy' });
  }
}

/** The era may have changed with a new version of the server. */
function again(error: unknown, { signal }: OpenOptions, work: () => Promise<Connection>): Promise<Connection> {
  if (signal.aborted) throw error;
  return work();
}

/** Source: MCP specification 2025-11-25, "Transports", backwards compatibility. */
function speaksOnlySse(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SdkHttpError) return cause.status === 404 || cause.status === 405 || cause.status === 400;
  }
  return false;
}

/** Some transports do not notice a signal while they start; nothing must wait for them, and nothing may stay open. */
async function unlessAborted(signal: AbortSignal, opening: Promise<Connection>): Promise<Connection> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([opening, aborted.promise]);
  } catch (error) {
    void opening.then((connection) => connection.close()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
