import type { Gateway } from '../../../src/gateway.ts';
import type { Logger } from '../../../src/logger.ts';
import { createGateway } from '../../fixtures/patient-gateway.ts';

/** A key of the gateway for a name. */
export const keyOf = (name: string): string => `${name}-${'k'.repeat(40)}`;

/** The header by which somebody calls. */
export const as = (name: string): Record<string, string> => ({ authorization: `Bearer ${keyOf(name)}` });

export interface LoginGatewayOptions {
  readonly entry?: object;
  readonly names?: readonly string[];
  /** Names whose keys are operators'. */
  readonly operators?: readonly string[];
  readonly vault?: object;
  readonly pins?: object;
  readonly listen?: string;
  readonly logger?: Logger;
  /** More of the configuration. */
  readonly more?: object;
}

export interface LoginGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly url: string;
  readonly base: string;
}

/** A gateway in front of one server, `any`, which each of some callers has a login of its own for. */
export async function loginGateway(
  server: { readonly url: string },
  {
    entry = {},
    names = ['alice', 'bob'],
    operators = [],
    vault,
    pins,
    listen = '127.0.0.1:0',
    logger,
    more: rest = {},
  }: LoginGatewayOptions = {},
): Promise<LoginGateway> {
  const apiKeys = names.map((name) => ({
    name,
    key: keyOf(name),
    ...(operators.includes(name) && { admin: 'operator' }),
  }));
  const config = {
    gateway: {
      listen,
      auth: { apiKeys },
      limits: { maxConnections: 10_000 },
      ...(vault && { vault }),
      ...(pins && { pins }),
    },
    mcpServers: { any: { url: server.url, credential: 'user', ...entry } },
    ...rest,
  };
  const more = { ...(logger && { logger }), ...(operators.length > 0 && { console: {} }) };
  const gateway = await createGateway(config as never, { startWindowMs: 500, ...more });
  return served(gateway);
}

/** A gateway in front of one server, `any`, with one login for all. */
export async function sharedLoginGateway(server: { readonly url: string }, entry: object = {}): Promise<LoginGateway> {
  const config = { gateway: { listen: '127.0.0.1:0' }, mcpServers: { any: { url: server.url, ...entry } } };
  return served(await createGateway(config as never));
}

async function served(gateway: Gateway): Promise<LoginGateway> {
  const { url } = await gateway.listen();
  await gateway.started();
  return { gateway, url, base: url.replace(/\/mcp$/, ''), [Symbol.asyncDispose]: () => gateway.close() };
}
