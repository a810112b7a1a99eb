import { ClosingOrder } from '../closing-order.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { createGateway, type GatewayOptions } from '../gateway.ts';
import { openLogging } from '../observe/logging.ts';
import type { OpenedConfig } from './config-options.ts';
import { CommandFailure } from './exit-code.ts';
import { LocalClient, RequestRefusal } from './local-client.ts';
import { type Terminal, wantsColor } from './terminal.ts';

/** A single call has nothing better to do than to wait for its server, even one that is installed first. */
const START_WINDOW_MS = 60_000;

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
}

/** A client of a gateway that listens nowhere. Disposing it ends both. */
export interface InProcessClient extends AsyncDisposable {
  /** The names of all tools. */
  toolNames(): Promise<readonly string[]>;
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
  const { logger, redact } = openLogging({ level, terminal: terminal.stderr, color: wantsColor(terminal), secrets });
  await using opening = new ClosingOrder();
  const gateway = opening.use(
    await createGateway(config, { logger, redact, startWindowMs: START_WINDOW_MS, ...options }),
  );
  const client = new LocalClient();
  const served = gateway.serveStdio({ transport: client, discovery: 'list' });
  opening.defer(async () => {
    await client.close();
    await served;
  });
  const owned = opening.move();
  const request = async (...asked: Parameters<LocalClient['request']>): Promise<Record<string, unknown>> => {
    try {
      return await client.request(...asked);
    } catch (error) {
      if (error instanceof RequestRefusal) throw new CommandFailure(error.message);
      throw error;
    }
  };
  return {
    async toolNames() {
      const names: string[] = [];
      for (let cursor: unknown, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
        const { tools, nextCursor } = await request('tools/list', cursor === undefined ? {} : { cursor });
        names.push(...(tools as { name: string }[]).map(({ name }) => name));
        cursor = nextCursor;
      }
      return names;
    },
    async callTool(name, args, timeoutMs) {
      const {
        content = [],
        resultType: _,
        ...more
      } = await request('tools/call', { name, arguments: args }, timeoutMs);
      return { content: content as ToolResult['content'], ...more };
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}
