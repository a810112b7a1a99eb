import { ConfigError } from '../config/config-error.ts';
import { type GatewaySection, parseListen } from '../config/gateway-section.ts';
import { isLoopback } from './request-guard.ts';

/**
 * Refuses to be reached from other machines while nobody is asked who they are.
 *
 * @throws GATEWAY_CONFIG
 */
export function refuseOpenListener(
  gateway: Pick<GatewaySection, 'listen' | 'allowUnauthenticated'>,
  authenticationRequired: boolean,
): void {
  const { host } = parseListen(gateway.listen) ?? { host: '' };
  if (authenticationRequired || gateway.allowUnauthenticated || isLoopback(host)) return;
  throw new ConfigError('configuration', [
    {
      place: ['gateway', 'listen'],
      message:
        `"${gateway.listen}" can be reached from other machines and nobody is asked who they are; set "gateway.auth", ` +
        'listen on 127.0.0.1, or set "gateway.allowUnauthenticated" if something else keeps strangers out',
    },
  ]);
}
