import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { connect, textOf } from './clients.ts';

type Json = Record<string, unknown>;

const key = (name: string): string => `${name}-is-a-key-of-many-characters-indeed`;
const TOOLS = ['get_issue', 'get_repo', 'delete_repo', 'create_issue'];
const URIS = ['x://home/a', 'x://home/secret', 'x://etc/b'];
const PROMPTS = ['greet', 'part'];
const capabilities = { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {} };

function answerOf(server: string, { era, method, params }: ScriptedRequest): ScriptedAnswer {
  switch (method) {
    case 'initialize':
    case 'server/discover':
      return introduced(era, capabilities);
    case 'tools/list':
      return {
        result: { tools: TOOLS.map((name) => ({ name, inputSchema: { type: 'object' } })), _meta: { hint: 'all' } },
      };
    case 'resources/list':
      return { result: { resources: URIS.map((uri) => ({ uri: uri.replace('x:', `${server}:`), name: uri })) } };
    case 'resources/templates/list':
      return { result: { resourceTemplates: [{ uriTemplate: `${server}://{place}/{name}`, name: 't' }] } };
    case 'prompts/list':
      return { result: { prompts: PROMPTS.map((name) => ({ name })) } };
    case 'tools/call':
      return { result: { content: [{ type: 'text', text: `${server} ${params.name}` }] } };
    case 'prompts/get':
      return { result: { messages: [{ role: 'user', content: { type: 'text', text: `${server} ${params.name}` } }] } };
    case 'resources/read':
      return { result: { contents: [{ uri: params.uri, text: 'read' }] } };
    case 'completion/complete':
      return { result: { completion: { values: [server] } } };
    case 'resources/subscribe':
      return { result: {} };
    default:
      return { result: { reached: method } };
  }
}

let servers: readonly Awaited<ReturnType<typeof serveScripted>>[];
let gateway: Gateway;
let url: string;

const ROLES = {
  reader: {
    tools: { allow: ['work/get_*'] },
    resources: { allow: ['work/work://home/*'], deny: ['*/work://home/secret*'] },
    prompts: { allow: ['work/greet'] },
  },
  writer: { tools: { allow: ['*'], deny: ['*/delete_*'] } },
  nothing: {},
  viewer: { profiles: ['reading'], tools: { deny: ['*/get_repo'] } },
};

function config(roles: Json = ROLES, keys: Readonly<Record<string, Json>> = {}): never {
  const named = {
    reader: { roles: ['reader'] },
    both: { roles: ['reader', 'writer'] },
    none: { roles: [] },
    all: {},
    part: { profile: 'reading' },
    viewed: { roles: ['viewer'] },
    ...keys,
  };
  const apiKeys = Object.entries(named).map(([name, more]) => ({ name, key: key(name), ...more }));
  return {
    gateway: { listen: '127.0.0.1:0', auth: { apiKeys } },
    roles,
    profiles: {
      reading: { servers: ['work'], tools: { allow: ['*/get_*'] }, prefix: 'auto' },
      quick: { tools: { deny: ['*/delete_*'] }, discovery: 'search' },
    },
    mcpServers: { work: { url: servers[0]?.url }, play: { url: servers[1]?.url } },
  } as never;
}

beforeAll(async () => {
  servers = await Promise.all(
    ['work', 'play'].map((name) =>
      serveScripted((request) =>
        request.era === 'modern' ? { error: { code: -32_601, message: 'no' } } : answerOf(name, request),
      ),
    ),
  );
  gateway = await createGateway(config());
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(async () => {
  await gateway?.close();
  await Promise.all((servers ?? []).map((server) => server[Symbol.asyncDispose]()));
});

const as = (name: string, path = '/mcp', era: 'legacy' | 'modern' = 'legacy') =>
  connect(new URL(path, url).href, era, { authorization: `Bearer ${key(name)}` });

/** Whether a request is answered as one for what is there. */
const worked = (asked: Promise<unknown>): Promise<boolean> =>
  asked.then(
    (result) => (result as { isError?: boolean }).isError !== true,
    () => false,
  );

describe.each(['legacy', 'modern'] as const)('a client of the %s era with a role', (era) => {
  test('is shown what its role allows, can call exactly that, and the rest does not exist', async () => {
    await using client = await as('reader', '/mcp', era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['work__get_issue', 'work__get_repo']);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['work__greet']);
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual(['work://home/a']);
    expect((await client.listResourceTemplates()).resourceTemplates).toEqual([]);
    expect(textOf(await client.callTool({ name: 'work__get_issue', arguments: {} }))).toBe('work get_issue');
    const hidden = client.callTool({ name: 'work__delete_repo', arguments: {} });
    const missing = client.callTool({ name: 'work__no_such', arguments: {} });
    const said = await Promise.all([hidden, missing].map((call) => call.catch(({ message }: Error) => message)));
    expect(said[0]).toBe(String(said[1]).replace('no_such', 'delete_repo'));
  });

  test('reads, completes and asks for prompts by the same rules', async () => {
    await using client = await as('reader', '/mcp', era);
    const read = (uri: string) => worked(client.readResource({ uri }));
    expect(await Promise.all(['work://home/a', 'work://home/unlisted'].map(read))).toEqual([true, true]);
    const refused = [
      'work://home/secret',
      'work://home/%73ecret',
      'work://etc/b',
      'play://home/a',
      'work://home/x/../secret',
    ];
    expect(await Promise.all(refused.map(read))).toEqual(refused.map(() => false));
    const argument = { name: 'a', value: 'b' };
    const complete = (ref: Json) => worked(client.complete({ ref: ref as never, argument }));
    expect(await complete({ type: 'ref/prompt', name: 'work__greet' })).toBe(true);
    expect(await complete({ type: 'ref/prompt', name: 'work__part' })).toBe(false);
    expect(await complete({ type: 'ref/resource', uri: 'work://{place}/{name}' })).toBe(false);
    expect(await worked(client.getPrompt({ name: 'work__part' }))).toBe(false);
  });
});

test('a client with roles subscribes to what it may read, and to nothing else', async () => {
  await using client = await as('reader');
  const subscribe = (uri: string) => worked(client.subscribeResource({ uri }));
  expect(await subscribe('work://home/a')).toBe(true);
  expect(await Promise.all(['work://home/secret', 'play://home/a', 'other://x'].map(subscribe))).toEqual([
    false,
    false,
    false,
  ]);
});

test('a server that no role opens is not there, and what stands beside a list is kept back', async () => {
  await using one = await as('reader', '/mcp/work');
  expect(await one.listTools()).not.toHaveProperty('_meta');
  await using all = await as('all', '/mcp/work');
  expect(await all.listTools()).toHaveProperty('_meta', { hint: 'all' });
  await expect(as('reader', '/mcp/play')).rejects.toThrow();
  await expect(as('none', '/mcp/work')).rejects.toThrow();
});

test('methods that no role speaks of are for those without roles', async () => {
  const ask = async (name: string) => {
    await using client = await as(name, '/mcp/work');
    return await worked(client.request({ method: 'vendor/wipe', params: {} } as never, z.object({}).loose() as never));
  };
  expect([await ask('all'), await ask('reader')]).toEqual([true, false]);
});

test('search and execute find and call what the list shows', async () => {
  await using client = await as('both', '/mcp?discovery=search');
  const call = async (tool: string, args: Json) => textOf(await client.callTool({ name: tool, arguments: args }));
  expect(await call('search', { query: 'delete a repo', detail: 'names', limit: 50 })).not.toContain(
    'play__delete_repo',
  );
  expect(await call('execute', { tool: 'play__create_issue' })).toBe('play create_issue');
  expect(await call('execute', { tool: 'play__delete_repo' })).toMatch(/^Unknown tool: play__delete_repo/);
});

test('metrics and the reset of callers are for keys without roles', async () => {
  const ask = async (name: string, path: string, method: string) =>
    (await fetch(new URL(path, url), { method, headers: { authorization: `Bearer ${key(name)}` } })).status;
  expect([await ask('all', '/metrics', 'GET'), await ask('both', '/metrics', 'GET')]).toEqual([200, 403]);
  expect(await ask('both', '/monitor/reset?caller=all', 'POST')).toBe(403);
  const health = await fetch(new URL('/health/ready', url), { headers: { authorization: `Bearer ${key('reader')}` } });
  expect(JSON.stringify(await health.json())).not.toContain('play');
});

test('a changed role ends the sessions of those who have it, and holds at once', async () => {
  await using reader = await as('reader');
  await using all = await as('all');
  await gateway.reconfigure(config({ ...ROLES, reader: { tools: { allow: ['work/get_repo'] } } }));
  try {
    expect(await worked(reader.callTool({ name: 'work__get_issue', arguments: {} }))).toBe(false);
    expect(await worked(all.callTool({ name: 'work__get_issue', arguments: {} }))).toBe(true);
    await using again = await as('reader');
    expect((await again.listTools()).tools.map(({ name }) => name)).toEqual(['work__get_repo']);
  } finally {
    await gateway.reconfigure(config());
  }
});

test('whatever the roles, what is listed can be called and nothing else can', async () => {
  const pattern = fc
    .tuple(
      fc.constantFrom('work', 'play', '*', '*l*'),
      fc.constantFrom('*', 'get_*', '*_repo', 'create_issue', '*e*t*'),
    )
    .map((halves) => halves.join('/'));
  const patterns = fc.record({ allow: fc.array(pattern, { maxLength: 3 }), deny: fc.array(pattern, { maxLength: 2 }) });
  const role = fc.record({ tools: patterns, prompts: patterns });
  const everything = ['work', 'play'].flatMap((server) => TOOLS.map((tool) => `${server}__${tool}`));
  const prompts = ['work', 'play'].flatMap((server) => PROMPTS.map((prompt) => `${server}__${prompt}`));
  try {
    await fc.assert(
      fc.asyncProperty(role, role, fc.subarray(['one', 'two']), async (one, two, roles) => {
        await gateway.reconfigure(config({ ...ROLES, one, two }, { some: { roles } }));
        await using client = await as('some', '/mcp', 'modern');
        const listed = (await client.listTools()).tools.map(({ name }) => name);
        const can = await Promise.all(everything.map((name) => worked(client.callTool({ name, arguments: {} }))));
        expect(everything.filter((_, index) => can[index])).toEqual(listed);
        const offered = client.getServerCapabilities()?.prompts ? (await client.listPrompts()).prompts : [];
        const shown = offered.map(({ name }) => name);
        const got = await Promise.all(prompts.map((name) => worked(client.getPrompt({ name }))));
        expect(prompts.filter((_, index) => got[index])).toEqual(shown);
      }),
      { numRuns: 40 },
    );
  } finally {
    await gateway.reconfigure(config());
  }
});

describe('a profile', () => {
  const names = async (name: string, path: string): Promise<readonly string[]> => {
    await using client = await as(name, path);
    const { tools } = await client.listTools();
    const can = await Promise.all(
      ['get_issue', 'work__get_issue', 'work__delete_repo', 'play__get_issue'].map((tool) =>
        worked(client.callTool({ name: tool, arguments: {} })),
      ),
    );
    return [...tools.map(({ name: tool }) => tool), can.map((works) => (works ? 'y' : 'n')).join('')];
  };

  test('is an endpoint with its own tools, prefixes and way to find them', async () => {
    expect(await names('all', '/mcp/@reading')).toEqual(['get_issue', 'get_repo', 'ynnn']);
    expect(await names('all', '/mcp/@quick')).toEqual(['search', 'execute', 'run_script', 'nyny']);
    await expect(as('all', '/mcp/@none')).rejects.toThrow('Nothing is served here');
    await expect(as('none', '/mcp/@reading')).rejects.toThrow('Nothing is served here');
  });

  test('limits a key at every endpoint, and is what a role may allow as a whole', async () => {
    expect(await names('part', '/mcp')).toEqual(['work__get_issue', 'work__get_repo', 'nynn']);
    expect(await names('part', '/mcp/@quick')).toEqual(['search', 'execute', 'run_script', 'nynn']);
    expect(await names('viewed', '/mcp')).toEqual(['work__get_issue', 'nynn']);
    await expect(as('part', '/mcp/play')).rejects.toThrow('Nothing is served here');
  });

  test('that has changed holds at once', async () => {
    await using client = await as('all', '/mcp/@reading');
    await using other = await as('all');
    const changed = config() as { profiles: Json };
    await gateway.reconfigure({
      ...changed,
      profiles: { ...changed.profiles, reading: { servers: ['play'] } },
    } as never);
    try {
      expect(await worked(client.callTool({ name: 'get_issue', arguments: {} }))).toBe(false);
      expect(await worked(other.callTool({ name: 'work__get_issue', arguments: {} }))).toBe(true);
      expect(await names('all', '/mcp/@reading')).toContain('play__delete_repo');
    } finally {
      await gateway.reconfigure(config());
    }
  });
});
