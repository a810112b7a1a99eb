import type { Fetch } from '@lockgate/runtime';
import * as oauth from 'oauth4webapi';
import type { OauthLogin } from '../config/login-entry.ts';
import { clientRecords } from '../state/client-record.ts';
import type { LoginClient } from './client-auth.ts';
import { LoginFaultError } from './login-fault.ts';
import type { Vault } from './vault.ts';

export interface ChooseClientOptions {
  readonly login: OauthLogin;
  readonly authorizationServer: oauth.AuthorizationServer;
  readonly redirectUri: string;
  /** Scopes that this login and later ones will ask for: some authorization servers let a client have no others than it was registered with. */
  readonly scopes: readonly string[];
  /** Where the gateway publishes who it is as a client, where others can read it. */
  readonly document: string | undefined;
  readonly vault: Vault;
  readonly fetch: Fetch;
  readonly now: () => number;
}

/** A secret that ends so soon is renewed with a new registration, in milliseconds. */
const MARGIN_MS = 300_000;

/**
 * Who the gateway is to an authorization server: a client that was registered by hand, its own metadata document, or one that it registers now and
 * keeps. Source: MCP specification, "Authorization", client registration approaches.
 *
 * @throws LoginFaultError where there is no way to become one.
 */
export async function chooseClient(options: ChooseClientOptions): Promise<LoginClient> {
  const { login, authorizationServer, document, vault, redirectUri, scopes, now } = options;
  const { clientId, clientSecret } = login;
  if (clientId !== undefined) return { clientId, clientSecret };
  if (document !== undefined && authorizationServer.client_id_metadata_document_supported === true) {
    return { clientId: document };
  }
  return vault.exclusive(clientRecords, [authorizationServer.issuer, redirectUri], async (slot) => {
    const known = await slot.read();
    const isGood = known && (known.expiresAt === undefined || known.expiresAt - MARGIN_MS > now());
    if (isGood && scopes.every((scope) => known.scopes.includes(scope))) return known;
    const registered = await register(options);
    await slot.write(registered);
    return registered;
  });
}

async function register({ authorizationServer, redirectUri, scopes, fetch }: ChooseClientOptions) {
  const { host } = new URL(authorizationServer.issuer);
  if (authorizationServer.registration_endpoint === undefined) {
    throw new LoginFaultError(
      `${host} registers no clients by itself: register one there with the redirect address ${redirectUri}, and give "clientId" in "auth"`,
    );
  }
  const methods = authorizationServer.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const method = ['none', 'client_secret_basic', 'client_secret_post'].find((one) => methods.includes(one)) ?? 'none';
  try {
    const response = await oauth.dynamicClientRegistrationRequest(
      authorizationServer,
      {
        client_name: 'Lockgate',
        application_type: new URL(redirectUri).protocol === 'https:' ? 'web' : 'native',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: method,
        ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      },
      {
        [oauth.customFetch]: (url: string, init: object) => fetch(url, init as RequestInit),
        [oauth.allowInsecureRequests]: true,
      },
    );
    const client = await oauth.processDynamicClientRegistrationResponse(response);
    const ends = typeof client.client_secret_expires_at === 'number' ? client.client_secret_expires_at * 1_000 : 0;
    return {
      clientId: client.client_id,
      ...(typeof client.client_secret === 'string' && { clientSecret: client.client_secret }),
      authMethod: typeof client.token_endpoint_auth_method === 'string' ? client.token_endpoint_auth_method : method,
      scopes,
      ...(ends > 0 && { expiresAt: ends }),
    };
  } catch (error) {
    if (error instanceof LoginFaultError) throw error;
    const code = error instanceof oauth.ResponseBodyError ? ` (${error.error})` : '';
    throw new LoginFaultError(`${host} does not register the gateway as a client${code}; give "clientId" in "auth"`, {
      cause: error,
    });
  }
}
