import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
// @ts-expect-error it has no types of its own
import OidcProvider from 'oidc-provider';

export const CLIENT = { id: 'lockgate', secret: 'secret-of-the-client-0123456789abcdef' } as const;

/** Who has an account, and what their groups are. Any password will do. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  olga: ['staff', 'lockgate-admins'],
  viktor: ['staff'],
  nadia: ['guests'],
};

/** The provider of oidc-provider, on a port of its own. Who has which redirect is said once the gateway's port is known. */
export interface RealProvider extends AsyncDisposable {
  readonly issuer: string;
  /** Lets these clients in, each with the same secret. */
  register(redirectUri: string, clients?: readonly string[]): void;
  /** What a browser does there: signs in and agrees. @returns where it is sent back to */
  visit(location: string, login: string): Promise<URL>;
}

export async function serveProvider({ inIdToken = false } = {}): Promise<RealProvider> {
  let handle: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => handle(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'one' };
  return {
    issuer,
    register(redirectUri, clients = [CLIENT.id]) {
      const provider = new OidcProvider(issuer, {
        clients: clients.map((id) => ({ client_id: id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] })),
        claims: { openid: ['sub'], groups: ['groups'] },
        scopes: ['openid', 'groups'],
        // As most providers do it, groups are told at the userinfo endpoint alone.
        conformIdTokenClaims: !inIdToken,
        cookies: { keys: ['for the test alone'] },
        jwks: { keys: [jwk] },
        ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
        findAccount: (_context: unknown, sub: string) => ({
          accountId: sub,
          claims: () => ({ sub, groups: GROUPS[sub] ?? [] }),
        }),
      });
      handle = provider.callback();
    },
    visit: (location, login) => visit(location, login, issuer),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const STEPS = 12;

/** What a browser does at a provider of oidc-provider: signs in and agrees. Answers where it is sent back to. */
export async function visit(location: string, login: string, issuer: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(location);
  let form: URLSearchParams | undefined;
  for (let step = 0; step < STEPS; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const method = form ? 'POST' : 'GET';
    const response = await fetch(url, { method, body: form ?? null, headers: { cookie }, redirect: 'manual' });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const page = await response.text();
    const next = response.headers.get('location');
    if (next !== null) {
      form = undefined;
      url = new URL(next, url);
      if (url.origin !== issuer) return url;
      continue;
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (prompt === undefined) throw new Error(`the provider answered ${response.status}: ${page.slice(0, 500)}`);
    form = new URLSearchParams({ prompt, ...(prompt === 'login' && { login, password: 'any' }) });
  }
  throw new Error('the provider does not send the browser back');
}
