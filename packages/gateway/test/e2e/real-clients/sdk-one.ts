import { EventSource } from 'eventsource';
import type { Client as NewestClient } from 'sdk-1-32/client/index.js';
import type { SSEClientTransport as NewestSse } from 'sdk-1-32/client/sse.js';
import type { StdioClientTransport as NewestStdio } from 'sdk-1-32/client/stdio.js';
import type { StreamableHTTPClientTransport as NewestHttp } from 'sdk-1-32/client/streamableHttp.js';
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

/** One version of the SDK's first major, its modules typed as the newest's. */
export interface SdkOne {
  readonly version: string;
  readonly Client: typeof NewestClient;
  readonly SSEClientTransport: typeof NewestSse;
  readonly StdioClientTransport: typeof NewestStdio;
  readonly StreamableHTTPClientTransport?: typeof NewestHttp;
  readonly types: Readonly<Record<string, unknown>>;
}

/** The first version of all; it knows no streamable HTTP, and takes `EventSource` from whoever provides it. */
export async function firstSdk(): Promise<SdkOne> {
  Object.assign(globalThis, { EventSource });
  const [client, sse, stdio, types] = await Promise.all([
    import('sdk-1-0/client/index.js'),
    import('sdk-1-0/client/sse.js'),
    import('sdk-1-0/client/stdio.js'),
    import('sdk-1-0/types.js'),
  ]);
  return { version: '1.0.0', ...client, ...sse, ...stdio, types } as never;
}

/** The first version with streamable HTTP. */
export async function firstHttpSdk(): Promise<SdkOne> {
  const [client, sse, stdio, http, types] = await Promise.all([
    import('sdk-1-10/client/index.js'),
    import('sdk-1-10/client/sse.js'),
    import('sdk-1-10/client/stdio.js'),
    import('sdk-1-10/client/streamableHttp.js'),
    import('sdk-1-10/types.js'),
  ]);
  return { version: '1.10.0', ...client, ...sse, ...stdio, ...http, types } as never;
}

export async function lastSdk(): Promise<SdkOne> {
  const [client, sse, stdio, http, types] = await Promise.all([
    import('sdk-1-32/client/index.js'),
    import('sdk-1-32/client/sse.js'),
    import('sdk-1-32/client/stdio.js'),
    import('sdk-1-32/client/streamableHttp.js'),
    import('sdk-1-32/types.js'),
  ]);
  return { version: '1.32.2', ...client, ...sse, ...stdio, ...http, types } as never;
}

const SCHEMAS: Readonly<Record<string, string>> = {
  'sampling/createMessage': 'CreateMessageRequestSchema',
  'roots/list': 'ListRootsRequestSchema',
  'elicitation/create': 'ElicitRequestSchema',
  'notifications/message': 'LoggingMessageNotificationSchema',
  'notifications/resources/updated': 'ResourceUpdatedNotificationSchema',
  'notifications/tools/list_changed': 'ToolListChangedNotificationSchema',
};

/** @param onAsked - Called with the method of whatever the client is asked, before it answers. */
export async function openSdkOne(
  sdk: SdkOne,
  transport: Transport,
  addresses: Addresses,
  onAsked: (method: string) => Promise<void> = async () => {},
): Promise<RealClient> {
  const known = Object.entries(ANSWERS).filter(([method]) => sdk.types[SCHEMAS[method] ?? ''] !== undefined);
  const { elicitation, ...first } = CAPABILITIES;
  const capabilities = known.some(([method]) => method === 'elicitation/create') ? { ...first, elicitation } : first;
  const client = new sdk.Client({ name: `sdk-${sdk.version}`, version: sdk.version }, { capabilities });
  const schemaOf = (method: string): never => sdk.types[SCHEMAS[method] ?? ''] as never;
  const asked: string[] = [];
  for (const [method, answer] of known) {
    client.setRequestHandler(schemaOf(method), (async () => {
      asked.push(method);
      await onAsked(method);
      return answer;
    }) as never);
  }
  const wire = openTransport(sdk, transport, addresses);
  await client.connect(wire as never);
  letManyWait(wire);
  const call = async (name: string, args: Record<string, unknown> = {}, options: CallOptions = {}) =>
    (await client.callTool({ name, arguments: args }, undefined, options)) as unknown as ToolResult;
  return {
    common: client,
    sessionId: () => (wire as { sessionId?: string }).sessionId,
    asked,
    call,
    callWithLogs: async (name, level) => {
      await client.setLoggingLevel(level);
      await call(name);
    },
    hear: (method, listener) =>
      client.setNotificationHandler(schemaOf(method), (({ params }: { params: Record<string, unknown> }) =>
        listener(params)) as never),
    watch: (uri) => client.subscribeResource({ uri }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function openTransport(sdk: SdkOne, transport: Transport, { http, sse, stdio }: Addresses) {
  if (transport === 'stdio') return new sdk.StdioClientTransport({ ...stdio, args: [...stdio.args], stderr: 'ignore' });
  if (transport === 'HTTP+SSE') return new sdk.SSEClientTransport(new URL(sse));
  if (!sdk.StreamableHTTPClientTransport) throw new Error(`the SDK ${sdk.version} has no streamable HTTP`);
  return new sdk.StreamableHTTPClientTransport(new URL(http));
}
