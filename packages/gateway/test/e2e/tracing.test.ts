import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createGateway } from '../../src/gateway.ts';
import { connect, textOf } from './clients.ts';

const upstream = fileURLToPath(new URL('../fixtures/meta-upstream.ts', import.meta.url));
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

interface Exported {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Record<string, unknown>[] }[];
  }[];
}

/** A collector that keeps the spans it is sent. */
async function collector() {
  const spans: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const { resourceSpans } = (await json(request)) as Exported;
    spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
    response.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    spans,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

test.each(['legacy', 'modern'] as const)(
  'a trace goes from a %s client through the gateway to a program',
  async (era) => {
    await using collecting = await collector();
    const gateway = await createGateway({
      gateway: { listen: '127.0.0.1:0', tracing: { enabled: true, endpoint: collecting.url } },
      mcpServers: { meta: { command: process.execPath, args: [upstream] } },
    });
    const { url } = await gateway.listen();
    let carried: string | undefined;
    {
      await using client = await connect(url, era);
      const _meta = { traceparent: `00-${TRACE}-${SPAN}-01`, mine: 'kept' };
      const answer = JSON.parse(textOf(await client.callTool({ name: 'meta__meta', arguments: {}, _meta })));
      expect(answer).toMatchObject({ mine: 'kept' });
      carried = answer.traceparent;
    }
    await gateway.close();
    const span = collecting.spans.find(({ name }) => name === 'tools/call meta__meta');
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: SPAN });
    expect(carried).toBe(`00-${TRACE}-${span?.spanId}-01`);
  },
);
