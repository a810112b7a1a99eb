import { expect, test } from 'vitest';
import { TokenRequests } from '../../src/login/token-requests.ts';

const client = { clientId: 'me', authMethod: 'none' };

function requestsAt(token: string): TokenRequests {
  const issuer = 'https://login.example';
  const answer = { access_token: token, token_type: 'Bearer' };
  return new TokenRequests(
    { issuer, token_endpoint: `${issuer}/token` },
    async () => Response.json(answer),
    'https://server.example/mcp',
  );
}

test('a token is taken that a header can carry', async () => {
  expect(await requestsAt('a.b-c~d+e/f=').refresh(client, 'r')).toMatchObject({ accessToken: 'a.b-c~d+e/f=' });
});

test.each(['a\r\nX-Evil: 1', 'a\u0000', 'é'])('a token is refused that no header can carry: %j', async (token) => {
  await expect(requestsAt(token).refresh(client, 'r')).rejects.toThrow('no header can carry');
});
