import { createAccessControl } from '../access/access-control.ts';
import { type GatewaySection, parseListen } from '../config/gateway-section.ts';
import { createServer } from '../transport/tls.ts';
import { tryAddress } from '../transport/try-address.ts';
import { onTakenPort } from './free-port.ts';

/**
 * Finds what keeps a gateway from being reached, before anything of it is started.
 *
 * @throws GATEWAY_CONFIG when it would let everybody in from other machines, or a certificate cannot be used.
 */
export function refuseUnreachable(gateway: GatewaySection): void {
  createAccessControl(gateway);
  createServer(gateway, () => {});
}

/**
 * Finds out whether the address can be listened on.
 *
 * @throws GATEWAY_LISTEN when it cannot; CommandFailure that says how to take another port, when it is taken.
 */
export async function refuseTakenAddress(gateway: GatewaySection): Promise<void> {
  const { host, port } = parseListen(gateway.listen) ?? { host: '127.0.0.1', port: 0 };
  try {
    await tryAddress(host, port);
  } catch (error) {
    throw onTakenPort(error);
  }
}
