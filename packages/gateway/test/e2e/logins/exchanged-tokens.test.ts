import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { createGateway } from '../../../src/gateway.ts';
import { serveLogin } from '../../fixtures/login-server.ts';
import { connect, textOf } from '../clients.ts';

/** An issuer whose tokens the gateway takes. */
async function serveIssuer() {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'one' }] });
  const server = createServer((_, response) => void response.setHeader('content-type', 'application/json').end(jwks));
  onTestFinished(() => void server.close().closeAllConnections());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokenOf = (sub: string) =>
    new SignJWT({ sub, nonce: Math.random() })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer(issuer)
      .setAudience('lockgate')
      .setExpirationTime('1h')
      .sign(privateKey);
  return { jwt: { issuer, audience: 'lockgate', jwksUri: `${issuer}/jwks` }, tokenOf };
}

test.each([
  ['exchanged', false, (token: string) => token],
  ['exchanged for an identity assertion, which the server takes', true, (token: string) => `jag-of-${token}`],
])(
  'the token that a caller came in with is %s, and each caller is asked for as itself',
  async (_, withAssertion, user) => {
    await using server = await serveLogin();
    const { jwt, tokenOf } = await serveIssuer();
    const auth = {
      type: 'tokenExchange',
      issuer: server.issuer,
      clientId: 'gateway',
      clientSecret: 'secretOfTheGateway',
      ...(withAssertion && { idJag: { clientId: 'gateway-there', clientSecret: 'secretThere' } }),
    };
    await using gateway = await createGateway({
      gateway: { listen: '127.0.0.1:0', auth: { jwt } },
      mcpServers: { any: { url: server.url, auth } },
    } as never);
    const { url } = await gateway.listen();
    for (const name of ['alice', 'bob', 'alice']) {
      const token = await tokenOf(name);
      await using client = await connect(url, 'modern', { authorization: `Bearer ${token}` });
      const answer = textOf(await client.callTool({ name: 'any__whoami', arguments: {} }));
      // The same caller's later token is exchanged once the earlier one's has ended, and not before.
      if (name === 'bob' || server.tokenRequests.length <= (withAssertion ? 2 : 1)) expect(answer).toBe(user(token));
    }
    expect(server.tokenRequests).toHaveLength(withAssertion ? 4 : 2);
    const [first, second] = server.tokenRequests;
    expect(first?.get('resource')).toBe(server.url);
    if (withAssertion) {
      expect(first?.get('audience')).toBe(server.issuer);
      expect(second?.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    }
    // What came in never goes on to the server.
    expect(server.seen.map(({ token }) => token).filter((token) => !token.startsWith('access-'))).toEqual([]);
  },
);
