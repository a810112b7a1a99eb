import type { GatewaySection } from '../config/gateway-section.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { refuseOpenListener } from './refuse-open-listener.ts';
import { createRequestGuard, type RequestGuard } from './request-guard.ts';
import type { OnToken } from './tokens.ts';

/** Who may come in, by which names, and from which pages. Replaced as a whole when the configuration changes. */
export interface AccessControl {
  readonly authenticator: Authenticator;
  readonly guard: RequestGuard;
}

/**
 * Makes the access control that a configuration asks for.
 *
 * @param onToken - Told of each token that somebody came in with. @default nobody is told
 * @throws GATEWAY_CONFIG when it would let everybody in from other machines.
 */
export function createAccessControl(gateway: GatewaySection, onToken?: OnToken): AccessControl {
  const authenticator = createAuthenticator(gateway, { onToken });
  refuseOpenListener(gateway, authenticator.required);
  return { authenticator, guard: createRequestGuard(gateway) };
}
