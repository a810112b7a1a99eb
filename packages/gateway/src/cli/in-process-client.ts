import { Client, InMemoryTransport, ProtocolError } from '@modelcontextprotocol/client';
import { ClosingOrder } from '../closing-order.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { createGateway, type GatewayOptions } from '../gateway.ts';
import { openLogging } from '../observe/logging.ts';
import { VERSION } from '../version.ts';
import type { OpenedConfig } from './config-options.ts';
import { CommandFailure } from './exit-code.ts';
import { type Terminal, wantsColor } from './terminal.ts';

/** A single call has nothing better to do than to wait for its server, even one that is installed first. */
const START_WINDOW_MS = 60_000;

export type ToolResult = Awaited<ReturnType<Client['callTool']>>;

/** A client of a gateway that listens nowhere. Disposing it ends both. */
export interface InProcessClient extends AsyncDisposable {
  readonly client: Client;
  /** @throws CommandFailure when the gateway refuses the request itself. */
  callTool(name: string, args: Record<string, unknown>, timeoutMs?: number): Promise<ToolResult>;
}

/**
 * Makes a gateway and a client of it in this process. Unless the configuration was told a level, only warnings are logged.
 *
 * @param config - The opened configuration, or a part of it.
 */
export async function openInProcessClient(
  { sources, secrets }: OpenedConfig,
  config: GatewayConfig,
  terminal: Terminal,
  options: Omit<GatewayOptions, 'logger'> = {},
): Promise<InProcessClient> {
  const level = sources.has('gateway.logLevel') ? config.gateway.logLevel : 'warn';
  const { logger } = openLogging({ level, terminal: terminal.stderr, color: wantsColor(terminal), secrets });
  await using opening = new ClosingOrder();
  const gateway = opening.use(await createGateway(config, { logger, startWindowMs: START_WINDOW_MS, ...options }));
  const [near, far] = InMemoryTransport.createLinkedPair();
  const served = gateway.serveStdio({ transport: far });
  const client = new Client({ name: 'lockgate', version: VERSION });
  await client.connect(near);
  opening.defer(async () => {
    await client.close();
    await served;
  });
  const owned = opening.move();
  return {
    client,
    async callTool(name, args, timeout) {
      try {
        return await client.callTool({ name, arguments: args }, timeout === undefined ? {} : { timeout });
      } catch (error) {
        if (error instanceof ProtocolError) throw new CommandFailure(error.message);
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}
