import { ClosingOrder } from '../closing-order.ts';
import type { Discovery } from '../config/discovery.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { GatewayOptions } from '../gateway.ts';
import type { OpenedConfig } from './config-options.ts';
import { CommandFailure } from './exit-code.ts';
import { openInProcessGateway } from './in-process-gateway.ts';
import { LocalClient, RequestRefusal } from './local-client.ts';
import type { Terminal } from './terminal.ts';

/** A block of a result; more members than these may be there. */
export interface ContentBlock {
  readonly type: string;
  readonly text?: string;
  readonly mimeType?: string;
  readonly data?: string;
  readonly uri?: string;
  readonly resource?: { readonly uri: string; readonly text?: string };
}

/** What a tool answered. */
export interface ToolResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** A client of a gateway that listens nowhere. Disposing it ends both. */
export interface InProcessClient extends AsyncDisposable {
  /** The servers that are not up, and why as far as is known. */
  down(): readonly { readonly name: string; readonly reason?: string | undefined }[];
  /** The names of all tools. */
  toolNames(): Promise<readonly string[]>;
  /** @throws CommandFailure when the gateway refuses the request itself. */
  callTool(name: string, args: Record<string, unknown>, timeoutMs?: number): Promise<ToolResult>;
}

/**
 * Makes a gateway and a client of it in this process.
 *
 * @param config - The opened configuration, or a part of it.
 * @param discovery - How the client finds tools. @default list
 */
export async function openInProcessClient(
  opened: OpenedConfig,
  config: GatewayConfig,
  terminal: Terminal,
  options: Omit<GatewayOptions, 'logger'> = {},
  discovery: Discovery = 'list',
): Promise<InProcessClient> {
  await using opening = new ClosingOrder();
  const gateway = opening.use(await openInProcessGateway(opened, config, terminal, options));
  const client = new LocalClient();
  const served = gateway.serveStdio({ transport: client, discovery });
  opening.defer(async () => {
    await client.close();
    await served;
  });
  const owned = opening.move();
  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof RequestRefusal) throw new CommandFailure(error.message);
      throw error;
    }
  };
  return {
    down: () => gateway.status().upstreams.filter(({ state }) => state !== 'running'),
    async toolNames() {
      const tools = await told(client.list('tools'));
      return tools.map(({ name }) => String(name));
    },
    async callTool(name, args, timeoutMs) {
      const {
        content = [],
        resultType: _,
        ...more
      } = await told(client.request('tools/call', { name, arguments: args }, timeoutMs));
      return { content: content as ToolResult['content'], ...more };
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}
