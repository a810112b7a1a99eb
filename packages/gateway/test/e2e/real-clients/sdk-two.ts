import {
  Client,
  LOG_LEVEL_META_KEY,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import {
  ANSWERS,
  CAPABILITIES,
  type CallOptions,
  letManyWait,
  type RealClient,
  type ToolResult,
  type Transport,
} from './real-client.ts';
import type { Addresses } from './served-gateway.ts';

export const SDK_TWO = '2.4.0';

/** @param onAsked - Called with the method of whatever the client is asked, before it answers. */
export async function openSdkTwo(
  era: 'legacy' | 'modern',
  transport: Transport,
  { http, sse, stdio }: Addresses,
  onAsked: (method: string) => Promise<void> = async () => {},
): Promise<RealClient> {
  const client = new Client(
    { name: `sdk-${SDK_TWO}`, version: SDK_TWO },
    { capabilities: CAPABILITIES, versionNegotiation: { mode: era === 'modern' ? 'auto' : 'legacy' } },
  );
  const asked: string[] = [];
  for (const [method, answer] of Object.entries(ANSWERS)) {
    client.setRequestHandler(
      method as never,
      (async () => {
        asked.push(method);
        await onAsked(method);
        return answer;
      }) as never,
    );
  }
  const wire = {
    'streamable HTTP': () => new StreamableHTTPClientTransport(new URL(http)),
    'HTTP+SSE': () => new SSEClientTransport(new URL(sse)),
    stdio: () => new StdioClientTransport({ ...stdio, args: [...stdio.args], stderr: 'ignore' }),
  }[transport]();
  await client.connect(wire);
  letManyWait(wire);
  const call = async (
    name: string,
    args: Record<string, unknown> = {},
    options: CallOptions & { _meta?: object } = {},
  ) => {
    const { _meta, ...rest } = options;
    return (await client.callTool({ name, arguments: args, ...(_meta && { _meta }) } as never, rest)) as ToolResult;
  };
  return {
    common: client as never,
    sessionId: () => (wire as { sessionId?: string }).sessionId,
    asked,
    call,
    callWithLogs: async (name, level) => {
      if (era === 'modern') return call(name, {}, { _meta: { [LOG_LEVEL_META_KEY]: level } });
      await client.setLoggingLevel(level);
      return call(name);
    },
    hear: (method, listener) =>
      client.setNotificationHandler(
        method as never,
        (({ params }: { params: Record<string, unknown> }) => listener(params)) as never,
      ),
    watch: (uri) =>
      era === 'modern'
        ? client.listen({ resourceSubscriptions: [uri], toolsListChanged: true })
        : client.subscribeResource({ uri }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
