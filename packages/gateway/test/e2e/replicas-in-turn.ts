import { Client, type ClientCapabilities, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { LockgateFile } from '../../src/config/schema.ts';
import type { GatewayOptions } from '../../src/gateway.ts';
import { servedGateway } from './guarded-files.ts';

/** Gateways of one configuration over one Redis. */
export async function openReplicas(
  number: number,
  redis: { readonly url: string; readonly prefix: string },
  more: Partial<LockgateFile>,
  options: GatewayOptions = {},
) {
  await using opening = new AsyncDisposableStack();
  const config = { ...more, gateway: { listen: '127.0.0.1:0', ...more.gateway, state: { redis } } } as LockgateFile;
  const served = [];
  for (let index = 0; index < number; index += 1) served.push(opening.use(await servedGateway(config, options)));
  const owned = opening.move();
  return { urls: served.map(({ url }) => url), served, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A real client of which each request goes to the next gateway, as a balancer in turn would send it. */
export async function connectInTurn(
  urls: readonly string[],
  era: 'legacy' | 'modern',
  capabilities: ClientCapabilities = {},
  prepare: (client: Client) => void = () => {},
): Promise<Client & AsyncDisposable> {
  let turn = 0;
  const inTurn = (asked: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const base = new URL(urls[turn++ % urls.length] ?? '');
    const url = new URL(asked instanceof Request ? asked.url : asked);
    return fetch(new URL(url.pathname + url.search, base), init);
  };
  const mode = era === 'modern' ? 'auto' : 'legacy';
  const client = new Client({ name: 'in turn', version: '1' }, { capabilities, versionNegotiation: { mode } });
  prepare(client);
  await client.connect(new StreamableHTTPClientTransport(new URL(urls[0] ?? ''), { fetch: inTurn }));
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}
