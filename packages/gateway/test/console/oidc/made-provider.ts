import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

const keys = Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);

/** A provider that does what a test makes up, and so everything that a real one never would. */
export interface MadeProvider extends AsyncDisposable {
  readonly issuer: string;
  /** Laid over its metadata; a key that is undefined goes. */
  metadata: Readonly<Record<string, unknown>>;
  /** The ID token for a nonce. */
  idToken: (nonce: string) => Promise<string>;
  /** What else its token endpoint answers, instead of a token. */
  tokenFailure: { readonly status: number; readonly body: object } | undefined;
  /** What its userinfo endpoint says. */
  userInfo: object;
  /** Requests of its token endpoint. */
  readonly redeemed: URLSearchParams[];
  /** The nonce of the sign-in that was begun; the made provider needs no page to learn it. */
  nonce: string;
  /** A token of it, as it should be but for what is given. */
  sign(claims?: JWTPayload, by?: 'own key' | 'another key'): Promise<string>;
}

export async function makeProvider(): Promise<MadeProvider> {
  const [own, another] = await keys;
  const jwk = { ...(await exportJWK(own.publicKey)), alg: 'RS256', use: 'sig', kid: 'one' };
  const server = createServer(async (request, response) => {
    const body = await readAll(request);
    const answer = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    switch (request.url) {
      case '/.well-known/openid-configuration':
        return answer(200, {
          issuer: made.issuer,
          authorization_endpoint: `${made.issuer}/authorize`,
          token_endpoint: `${made.issuer}/token`,
          jwks_uri: `${made.issuer}/keys`,
          userinfo_endpoint: `${made.issuer}/me`,
          code_challenge_methods_supported: ['S256'],
          authorization_response_iss_parameter_supported: true,
          id_token_signing_alg_values_supported: ['RS256'],
          ...made.metadata,
        });
      case '/keys':
        return answer(200, { keys: [jwk] });
      case '/me':
        return answer(200, made.userInfo);
      case '/token': {
        made.redeemed.push(new URLSearchParams(body));
        if (made.tokenFailure) return answer(made.tokenFailure.status, made.tokenFailure.body);
        const id_token = await made.idToken(made.nonce);
        return answer(200, { access_token: 'access-token-of-olga', token_type: 'Bearer', id_token });
      }
      default:
        return answer(404, {});
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const made: MadeProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    metadata: {},
    idToken: (nonce) => made.sign({ nonce }),
    tokenFailure: undefined,
    userInfo: { sub: 'olga' },
    redeemed: [],
    nonce: '',
    sign: (claims = {}, by = 'own key') => {
      const now = Math.floor(Date.now() / 1_000);
      const usual = { iss: made.issuer, aud: 'lockgate', sub: 'olga', iat: now, exp: now + 300, groups: ['admins'] };
      return new SignJWT({ ...usual, nonce: made.nonce, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .sign((by === 'own key' ? own : another).privateKey);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return made;
}
