import type { AuthorizationServer, ClientAuth } from 'oauth4webapi';
import type { ClientCredentialsLogin } from '../config/login-entry.ts';
import { LoginFaultError } from './login-fault.ts';

/** A client of an authorization server, and how it shows who it is. */
export interface LoginClient {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly authMethod?: string | undefined;
}

type Grammar = typeof import('oauth4webapi');

/** How a client shows who it is at the token endpoint: as it was registered, else as the server takes it. */
export function clientAuth(
  { None, ClientSecretBasic, ClientSecretPost }: Grammar,
  { clientSecret, authMethod }: LoginClient,
  { token_endpoint_auth_methods_supported: supported }: AuthorizationServer,
): ClientAuth {
  if (clientSecret === undefined) return None();
  const method =
    authMethod ?? (supported?.includes('client_secret_basic') === false ? 'client_secret_post' : undefined);
  return method === 'client_secret_post' ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret);
}

/** With a signed assertion (RFC 7523). @throws LoginFaultError where the key cannot be read. */
export async function keyAuth(
  { PrivateKeyJwt }: Grammar,
  { privateKey = '', algorithm }: Pick<ClientCredentialsLogin, 'privateKey' | 'algorithm'>,
): Promise<ClientAuth> {
  const { importPKCS8 } = await import('jose');
  try {
    return PrivateKeyJwt(await importPKCS8(privateKey.replaceAll('\\n', '\n'), algorithm));
  } catch (error) {
    const problem = `"privateKey" in "auth" is no key of ${algorithm} in PKCS #8 PEM`;
    throw new LoginFaultError(problem, { cause: error });
  }
}
