import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { hashApiKey } from '../../src/access/api-keys.ts';
import { type Authenticator, createAuthenticator } from '../../src/access/authenticator.ts';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';

type GatewayKeys = NonNullable<LockgateFile['gateway']>;

function authenticator(
  gateway: GatewayKeys,
  fetch?: (url: string) => Promise<Response>,
  now: () => number = () => 0,
): Authenticator {
  return createAuthenticator(configSchema.parse({ gateway }).gateway, fetch === undefined ? {} : { fetch, now });
}

const KEY = 'lg_0123456789abcdefghijklmnopqrstuvwxyzABCDEF';
const OTHER = 'lg_another-key-of-forty-characters-or-more-00';
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}`, host: 'gw.test' } });

describe('without any configured credential', () => {
  test('everybody is anonymous and sees all', async () => {
    const judge = authenticator({});
    expect(judge.required).toBe(false);
    expect(await judge.authenticate({ headers: {} })).toEqual({ kind: 'principal', name: 'anonymous', how: 'none' });
  });
});

describe('API keys', () => {
  const judge = authenticator({
    auth: {
      apiKeys: [
        { name: 'ci', hash: hashApiKey(KEY), servers: ['files'] },
        { name: 'me', key: OTHER },
      ],
    },
  });

  test.each([
    ['as a bearer token', { authorization: `Bearer ${KEY}` }],
    ['bare', { authorization: KEY }],
    ['in X-API-Key', { 'x-api-key': KEY }],
  ])('are taken %s, and tell whose they are and what they open', async (_, headers) => {
    expect(await judge.authenticate({ headers })).toEqual({
      kind: 'principal',
      name: 'ci',
      how: 'api-key',
      servers: ['files'],
    });
  });

  test('are told apart', async () => {
    expect(await judge.authenticate(bearer(OTHER))).toMatchObject({ name: 'me', servers: undefined });
  });

  test.each(['', 'x', `${KEY}x`, KEY.slice(1), hashApiKey(KEY), 'a.b.c'])('"%s" is none of them', async (key) => {
    const verdict = await judge.authenticate(bearer(key));
    expect(verdict).toMatchObject({ kind: 'denial', status: 401 });
    expect(JSON.stringify(verdict)).not.toContain(KEY);
  });

  test('are asked for by a challenge where none is given', async () => {
    expect(await judge.authenticate({ headers: {} })).toMatchObject({
      status: 401,
      reason: 'no-credential',
      headers: { 'www-authenticate': 'Bearer realm="lockgate"' },
    });
  });
});

describe('bearer tokens of an authorization server', async () => {
  const issuer = 'https://as.test/tenant';
  const keys = await generateKeyPair('ES256');
  const foreign = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const documents: Record<string, object> = {
    'https://as.test/.well-known/oauth-authorization-server/tenant': { issuer, jwks_uri: 'https://as.test/keys' },
    'https://as.test/keys': { keys: [jwk] },
  };
  const fetched: string[] = [];
  const fetch = async (url: string): Promise<Response> => {
    fetched.push(url);
    return url in documents ? Response.json(documents[url]) : new Response('no', { status: 404 });
  };
  const gateway: GatewayKeys = {
    publicUrl: 'https://gw.test',
    auth: {
      jwt: {
        issuer,
        audience: 'https://gw.test/mcp',
        requiredScopes: ['mcp'],
        scopeServers: { 'mcp:files': ['files'], 'mcp:all': ['files', 'textkit'] },
      },
    },
  };
  const token = (claims: JWTPayload = {}, key = keys.privateKey, alg = 'ES256', kid = 'one'): Promise<string> =>
    new SignJWT({
      iss: issuer,
      aud: 'https://gw.test/mcp',
      sub: 'alice',
      scope: 'mcp mcp:files',
      exp: 4_000_000_000,
      ...claims,
    })
      .setProtectedHeader({ alg, kid })
      .sign(key);
  const judge = authenticator(gateway, fetch);

  test('give the subject, and the servers that their scopes open', async () => {
    expect(await judge.authenticate(bearer(await token()))).toEqual({
      kind: 'principal',
      name: 'jwt:alice',
      how: 'jwt',
      servers: ['files'],
    });
  });

  test('have the roles of what their claim holds, and are refused where that is nothing', async () => {
    const roles = { claim: 'realm.groups', values: { staff: ['reader'], boss: ['writer', 'reader'] } };
    const jwt = { issuer, audience: 'https://gw.test/mcp', roles };
    const config = configSchema.parse({ gateway: { auth: { jwt } }, roles: { reader: {}, writer: {} } });
    const judge = createAuthenticator(config.gateway, { fetch, now: () => 0 });
    const of = async (groups: unknown) => judge.authenticate(bearer(await token({ realm: { groups } })));
    expect(await of(['boss', 'staff', 'other'])).toMatchObject({ name: 'jwt:alice', roles: ['reader', 'writer'] });
    expect(await of('staff')).toMatchObject({ roles: ['reader'] });
    for (const groups of [undefined, ['Staff'], ['toString'], [], { staff: true }]) {
      expect(await of(groups), String(groups)).toMatchObject({ kind: 'denial', status: 403, reason: 'role' });
    }
  });

  test('are limited to the profile of what their claim holds, and are refused where that is nothing, but for the console', async () => {
    const profile = { claim: 'groups', values: { guests: 'few', staff: 'all' } };
    const admin = { claim: 'groups', viewer: ['watchers'] };
    const jwt = { issuer, audience: 'https://gw.test/mcp', profile, admin };
    const config = configSchema.parse({ gateway: { auth: { jwt } }, profiles: { few: {}, all: {} } });
    const judge = createAuthenticator(config.gateway, { fetch, now: () => 0 });
    const of = async (groups: unknown) => judge.authenticate(bearer(await token({ groups })));
    expect(await of(['staff', 'guests'])).toMatchObject({ name: 'jwt:alice', profile: 'few' });
    expect(await of('staff')).toMatchObject({ profile: 'all' });
    expect(await of(['other', 'toString'])).toMatchObject({ kind: 'denial', status: 403, reason: 'profile' });
    expect(await of('watchers')).toMatchObject({ admin: 'viewer', roles: [] });
  });

  test('open the console by a claim of theirs, a text or a list, as operator before viewer', async () => {
    const admin = { claim: 'roles', viewer: ['staff'], operator: ['admins'] };
    const jwt = { issuer, audience: 'https://gw.test/mcp', admin };
    const judge = authenticator({ ...gateway, auth: { jwt } }, fetch);
    const roleOf = async (roles: unknown) =>
      (await judge.authenticate(bearer(await token({ roles })))) as { admin?: string };
    expect(await roleOf('staff other')).toMatchObject({ admin: 'viewer', validUntil: expect.any(Number) });
    expect(await roleOf(['staff', 'admins'])).toMatchObject({ admin: 'operator' });
    for (const roles of [undefined, 'staffer', ['Admins'], { admins: true }, 5]) {
      expect(await roleOf(roles), String(roles)).not.toHaveProperty('admin');
    }
  });

  test('are judged by keys that are found through the issuer and fetched once', async () => {
    fetched.length = 0;
    const fresh = authenticator(gateway, fetch);
    const given = bearer(await token());
    expect(fetched).toEqual([]);
    await Promise.all([fresh.authenticate(given), fresh.authenticate(given)]);
    await fresh.authenticate(given);
    expect(fetched).toEqual(['https://as.test/.well-known/oauth-authorization-server/tenant', 'https://as.test/keys']);
  });

  const bad: [string, () => Promise<string>, string][] = [
    ['that has expired', () => token({ exp: 1 }), 'expired'],
    ['without an expiry', () => token({ exp: undefined as never }), '"exp"'],
    ['of another issuer', () => token({ iss: 'https://evil.test' }), '"iss"'],
    ['for another audience', () => token({ aud: 'https://elsewhere.test' }), '"aud"'],
    ['not valid yet', () => token({ nbf: 3_999_999_999 }), '"nbf"'],
    ['without a subject', () => token({ sub: undefined as never }), '"sub"'],
    ['with an empty subject', () => token({ sub: '' }), '"sub"'],
    ['with a subject of spaces', () => token({ sub: ' \t' }), '"sub"'],
    ['with an object as subject', () => token({ sub: { name: 'alice' } as never }), '"sub"'],
    ['with a number as subject', () => token({ sub: 7 as never }), '"sub"'],
    ['with a list as subject', () => token({ sub: ['alice'] as never }), '"sub"'],
    ['signed by somebody else', () => token({}, foreign.privateKey), 'signature'],
    ['that was altered', async () => `${(await token()).slice(0, -6)}AAAAAA`, 'signature'],
    ['without a signature', async () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`, ''],
    ['that is no token', async () => 'a.b.c', 'cannot be read'],
  ];
  test.each(bad)('one %s is refused with a challenge that says where to get a better one', async (_, make, word) => {
    const given = await make();
    const verdict = await judge.authenticate(bearer(given));
    expect(verdict).toMatchObject({ kind: 'denial', status: 401, reason: 'bad-token' });
    const { 'www-authenticate': challenge = '' } = (verdict as { headers: Record<string, string> }).headers;
    expect(challenge).toContain('error="invalid_token"');
    expect(challenge).toContain('resource_metadata="https://gw.test/.well-known/oauth-protected-resource"');
    expect((verdict as { message: string }).message).toContain(word);
    expect(JSON.stringify(verdict)).not.toContain(given);
  });

  test('one without a needed scope is told which', async () => {
    const verdict = await judge.authenticate(bearer(await token({ scope: 'mcp:files' })));
    expect(verdict).toMatchObject({ status: 403, reason: 'scope' });
    expect(JSON.stringify(verdict)).toContain('insufficient_scope');
    const odd = await judge.authenticate(bearer(await token({ scope: { toString: 1 }, scp: { toString: 1 } })));
    expect(odd).toMatchObject({ status: 403, reason: 'scope' });
    const opensNothing = await judge.authenticate(bearer(await token({ scope: 'mcp' })));
    expect(opensNothing).toMatchObject({ status: 403, reason: 'scope' });
  });

  let endlessBytes = 0;
  const endless = async (): Promise<Response> => {
    endlessBytes = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        endlessBytes += 65_536;
        if (endlessBytes > 4_194_304) throw new Error('it is read without end');
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
    return new Response(body);
  };

  test.each<[string, () => Promise<Response>]>([
    ['is away', () => Promise.reject(new TypeError('fetch failed'))],
    ['answers with an error', async () => new Response('no', { status: 500 })],
    ['answers with something else', async () => Response.json({ issuer, jwks_uri: 'https://as.test/keys' })],
    ['answers without end', endless],
  ])(
    'cannot be judged while the issuer %s: a 503 for all by one try, and the next try a second later',
    async (_, answer) => {
      let up = false;
      let tries = 0;
      let at = 0;
      const flaky = authenticator(
        { ...gateway, auth: { jwt: { issuer, audience: 'https://gw.test/mcp', jwksUri: 'https://as.test/keys' } } },
        (url) => {
          tries++;
          return up ? fetch(url) : answer();
        },
        () => at,
      );
      const given = bearer(await token());
      const away = { status: 503, headers: { 'retry-after': '5' } };
      const many = await Promise.all(Array.from({ length: 50 }, () => flaky.authenticate(given)));
      expect([...many, await flaky.authenticate(given)]).toMatchObject(Array(51).fill(away));
      expect(tries).toBe(1);
      expect(endlessBytes).toBeLessThan(2_097_152);
      up = true;
      at = 1_000;
      expect(await flaky.authenticate(given)).toMatchObject({ name: 'jwt:alice' });
    },
  );

  test('that name an unknown key have the keys fetched once in half a minute, and cost nobody else the known ones', async () => {
    let up = true;
    let tries = 0;
    let at = 0;
    const judge = authenticator(
      { ...gateway, auth: { jwt: { issuer, audience: 'https://gw.test/mcp', jwksUri: 'https://as.test/keys' } } },
      (url) => {
        tries++;
        return up ? fetch(url) : Promise.reject(new TypeError('fetch failed'));
      },
      () => at,
    );
    const [good, stray] = [bearer(await token()), bearer(await token({}, keys.privateKey, 'ES256', 'two'))];
    expect(await judge.authenticate(stray)).toMatchObject({ status: 401 });
    at = 29_999;
    expect(await judge.authenticate(stray)).toMatchObject({ status: 401 });
    expect(tries).toBe(1);
    at = 30_000;
    up = false;
    expect(await judge.authenticate(stray)).toMatchObject({ status: 503 });
    expect(await judge.authenticate(good)).toMatchObject({ name: 'jwt:alice' });
    expect(tries).toBe(2);
  });

  test('live beside API keys', async () => {
    const both = authenticator({ ...gateway, auth: { ...gateway.auth, apiKeys: [{ name: 'ci', key: KEY }] } }, fetch);
    expect(await both.authenticate(bearer(KEY))).toMatchObject({ how: 'api-key' });
    expect(await both.authenticate(bearer(await token()))).toMatchObject({ how: 'jwt' });
  });

  test('are announced by the protected-resource document, for each path', () => {
    expect(judge.resourceMetadata('/mcp/files', 'ignored.test')).toEqual({
      resource: 'https://gw.test/mcp/files',
      authorization_servers: [issuer],
      scopes_supported: ['mcp', 'mcp:files', 'mcp:all'],
      bearer_methods_supported: ['header'],
      resource_name: 'Lockgate',
    });
    expect(authenticator({}).resourceMetadata('/mcp', 'gw.test')).toBeNull();
  });
});

describe('client certificates', () => {
  const tls = { cert: 'c', key: 'k', clientCa: 'ca' };
  const fingerprint256 = Array.from({ length: 32 }, (_, index) =>
    index.toString(16).padStart(2, '0').toUpperCase(),
  ).join(':');
  const peer = { fingerprint256, commonName: 'robot' };

  test('of the CA are enough where none is listed', async () => {
    const judge = authenticator({ tls });
    expect(await judge.authenticate({ headers: {}, tlsPeer: peer })).toMatchObject({
      name: 'cert:robot',
      how: 'certificate',
    });
    expect(await judge.authenticate({ headers: {} })).toMatchObject({ status: 401 });
  });

  test('are found by fingerprint in any writing, or by name, and others are refused', async () => {
    const listed = (entry: object) =>
      authenticator({ tls, auth: { clientCertificates: [{ name: 'r', servers: ['a'], ...entry }] } });
    const written = fingerprint256.replaceAll(':', '').toLowerCase();
    for (const judge of [listed({ fingerprint256: written }), listed({ commonName: 'robot' })]) {
      expect(await judge.authenticate({ headers: {}, tlsPeer: peer })).toMatchObject({ name: 'r', servers: ['a'] });
    }
    const other = { fingerprint256: fingerprint256.replace('1F', '2F'), commonName: 'robot2' };
    expect(await listed({ fingerprint256: written }).authenticate({ headers: {}, tlsPeer: other })).toMatchObject({
      status: 403,
    });
    expect(await listed({ commonName: 'robot' }).authenticate({ headers: {}, tlsPeer: other })).toMatchObject({
      status: 403,
    });
  });

  test('do not make up for a wrong key', async () => {
    const judge = authenticator({ tls, auth: { apiKeys: [{ name: 'ci', key: KEY }] } });
    expect(await judge.authenticate({ ...bearer(OTHER), tlsPeer: peer })).toMatchObject({ status: 401 });
  });
});
