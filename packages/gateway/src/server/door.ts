import type { GatewaySection } from '../config/gateway-section.ts';
import { type Authenticator, createAuthenticator } from './auth.ts';
import { createRequestGuard, type RequestGuard } from './request-guard.ts';
import { refuseOpenDoor } from './tls.ts';

/** Who may come in, by which names, and from which pages. Replaced as a whole when the configuration changes. */
export interface Door {
  readonly authenticator: Authenticator;
  readonly guard: RequestGuard;
}

/**
 * Makes the door that a configuration asks for.
 *
 * @throws GATEWAY_CONFIG when it would let everybody in from other machines.
 */
export function createDoor(gateway: GatewaySection): Door {
  const authenticator = createAuthenticator(gateway);
  refuseOpenDoor(gateway, authenticator.required);
  return { authenticator, guard: createRequestGuard(gateway) };
}
