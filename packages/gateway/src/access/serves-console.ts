import { type GatewaySection, parseListen } from '../config/gateway-section.ts';
import { isLoopback } from './request-guard.ts';

/**
 * Whether `/console` is served: as "gateway.console" says, else where only this machine can reach it, or where somebody is named who may sign in. A gateway
 * with a public address is reached by others, whatever it listens on.
 */
export function servesConsole({
  console,
  listen,
  publicUrl,
  auth,
}: Pick<GatewaySection, 'console' | 'listen' | 'publicUrl' | 'auth'>): boolean {
  if (console !== undefined) return console !== false;
  const hasAdmin = auth?.apiKeys.some(({ admin }) => admin) === true || auth?.jwt?.admin !== undefined;
  return hasAdmin || isOnThisMachine({ listen, publicUrl });
}

/** Whether only programs of this machine reach the gateway, as far as its configuration tells. */
export function isOnThisMachine({ listen, publicUrl }: Pick<GatewaySection, 'listen' | 'publicUrl'>): boolean {
  const { host } = parseListen(listen) ?? { host: '' };
  return isLoopback(host) && (publicUrl === undefined || isLoopback(new URL(publicUrl).hostname));
}
