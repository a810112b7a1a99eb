import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { connect, textOf } from './clients.ts';

type Json = Record<string, unknown>;

const KEYS = {
  all: 'a-key-that-sees-everything-and-is-long',
  few: 'a-key-that-sees-one-server-and-is-long',
  searches: 'a-key-whose-clients-search-and-is-long',
};
const OWN = ['search', 'execute', 'run_script'];

const resource = { uri: 'x://one', name: 'one' };
const open = { name: 'open_issue', description: 'Opens an issue.', inputSchema: { type: 'object' } };
const secret = { name: 'launch_rocket', description: 'Launches the rocket.', inputSchema: { type: 'object' } };
/** A name that the gateway has as well. */
const search = {
  name: 'search',
  description: 'Searches issues.',
  // Modern clients say such an argument again in a header, but not where it is one of the gateway's own tool.
  inputSchema: { type: 'object', properties: { query: { type: 'string', 'x-mcp-header': 'Query' } } },
};

function answerOf(name: string, { era, method, params }: ScriptedRequest): ScriptedAnswer {
  switch (method) {
    case 'initialize':
    case 'server/discover':
      return introduced(era, { tools: { listChanged: true }, resources: {} });
    case 'tools/list':
      return { result: { tools: name === 'work' ? [open, search] : [secret] } };
    case 'resources/list':
      return { result: { resources: [{ ...resource, uri: `x://${name}` }] } };
    case 'tools/call':
      return { result: { content: [{ type: 'text', text: `${name} ${params.name}` }] } };
    default:
      return { error: { code: -32_601, message: 'Method not found' } };
  }
}

// Legacy servers, so that one can say at any time that its list has changed.
const scripted = (name: string) =>
  serveScripted((request) =>
    request.era === 'modern' ? { error: { code: -32_601, message: 'no' } } : answerOf(name, request),
  );

let servers: readonly Awaited<ReturnType<typeof serveScripted>>[];
let gateway: Gateway;
let url: string;

function config(more: Json = {}, entry: Json = {}): never {
  const auth = {
    apiKeys: [
      { name: 'all', key: KEYS.all },
      { name: 'few', key: KEYS.few, servers: ['work'] },
      { name: 'searches', key: KEYS.searches, discovery: 'search' },
    ],
  };
  return {
    gateway: { listen: '127.0.0.1:0', auth, ...more },
    mcpServers: {
      work: { url: servers[0]?.url },
      rockets: { url: servers[1]?.url, tools: ['launch*'] },
      listed: { url: servers[1]?.url, ...entry },
      hidden: { url: servers[1]?.url, tools: ['none'] },
    },
  } as never;
}

beforeAll(async () => {
  servers = await Promise.all([scripted('work'), scripted('rockets')]);
  gateway = await createGateway(config({}, { discovery: 'search' }));
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(async () => {
  await gateway.close();
  for (const server of servers) await server[Symbol.asyncDispose]();
});

const as = (key: keyof typeof KEYS, at = '', era: 'legacy' | 'modern' = 'modern') =>
  connect(`${url}${at}`, era, { authorization: `Bearer ${KEYS[key]}` });

const namesOf = async (client: Awaited<ReturnType<typeof connect>>): Promise<readonly string[]> =>
  (await client.listTools()).tools.map(({ name }) => name);

const asked = async (client: Awaited<ReturnType<typeof connect>>, args: Json): Promise<Json> =>
  JSON.parse(textOf((await client.callTool({ name: 'search', arguments: args })) as never));

describe.each(['legacy', 'modern'] as const)('a %s client', (era) => {
  test.each<[string, keyof typeof KEYS, string, readonly string[] | 'all']>([
    ['is shown all tools by default', 'all', '', 'all'],
    ['is shown the own tools where its session asks for them', 'all', '?discovery=search', OWN],
    ['is shown the own tools where its key says so', 'searches', '', OWN],
    ['is shown the own tools where its endpoint says so', 'all', '/listed', OWN],
    ['may ask for the list all the same, at its endpoint', 'all', '/listed?discovery=list', ['launch_rocket']],
    ['may ask for the list all the same, with its key', 'searches', '?discovery=list', 'all'],
    ['is shown a list that is no longer than the budget', 'all', '?discovery=auto', 'all'],
  ])('%s', async (_what, key, at, expected) => {
    await using client = await as(key, at, era);
    const listed = ['work__open_issue', 'work__search', 'rockets__launch_rocket', 'listed__launch_rocket'];
    expect(await namesOf(client)).toEqual(expected === 'all' ? listed : expected);
  });

  test('that searches loses nothing: resources are listed, and a tool is called by its whole name', async () => {
    await using client = await as('all', '?discovery=search', era);
    expect((await client.listResources()).resources).toHaveLength(2);
    expect(textOf((await client.callTool({ name: 'work__open_issue' })) as never)).toBe('work open_issue');
  });

  test('that does not search has no own tools', async () => {
    await using client = await as('all', '', era);
    await expect(client.callTool({ name: 'execute', arguments: { tool: 'work__open_issue' } })).rejects.toThrow(
      'Unknown tool: execute',
    );
  });

  test('calls a tool that has the name of an own one through execute', async () => {
    await using client = await as('all', '/work?discovery=search', era);
    expect((await asked(client, { query: 'search' })).tools).toMatchObject([{ tool: 'search' }]);
    const answer = await client.callTool({ name: 'execute', arguments: { tool: 'search' } });
    expect(textOf(answer as never)).toBe('work search');
    await using lists = await as('all', '/work', era);
    expect(textOf((await lists.callTool({ name: 'search' })) as never)).toBe('work search');
  });
});

test('a way to find tools that there is not is refused by name', async () => {
  const response = await fetch(`${url}?discovery=guess`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEYS.all}` },
  });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('one of list, search, auto');
});

test('a list above the budget is searched, and one below it listed', async () => {
  const budgets = [
    [100_000, 'all'],
    [1, 'own'],
  ] as const;
  for (const [discoveryBudgetTokens, expected] of budgets) {
    await using small = await createGateway(config({ discovery: 'auto', discoveryBudgetTokens }));
    await small.started();
    const at = (await small.listen()).url;
    await using client = await connect(at, 'modern', { authorization: `Bearer ${KEYS.all}` });
    expect(await namesOf(client)).toHaveLength(expected === 'own' ? OWN.length : 4);
  }
});

describe('what a caller may not call', () => {
  test.each([
    { query: 'rocket' },
    { query: 'launch_rocket' },
    { query: 'rockets__launch_rocket' },
    { query: 'launch the rocket', limit: 100 },
  ])('is not found by %j', async (args) => {
    await using few = await as('few', '?discovery=search');
    await using all = await as('all', '?discovery=search');
    const { tools: seen } = (await asked(all, args)) as { tools: Json[] };
    expect(
      seen
        .map(({ tool }) => tool)
        .slice(0, 2)
        .sort(),
    ).toEqual(['listed__launch_rocket', 'rockets__launch_rocket']);
    expect(JSON.stringify(await asked(few, args))).not.toContain('rocket');
  });

  test('is in no count, in no list of servers, and no server of the caller', async () => {
    await using few = await as('few', '?discovery=search');
    expect(await asked(few, {})).toEqual({ servers: [{ server: 'work', tools: 2 }] });
    await using all = await as('all', '?discovery=search');
    const { servers: seen } = await asked(all, {});
    // A filter leaves "hidden" without tools.
    expect(seen).toEqual([
      { server: 'work', tools: 2 },
      { server: 'rockets', tools: 1 },
      { server: 'listed', tools: 1 },
    ]);
    const [there, nowhere] = await Promise.all(
      ['rockets', 'nosuch_'].map((server) => few.callTool({ name: 'search', arguments: { server } })),
    );
    expect(textOf(there as never).replaceAll('rockets', 'S')).toBe(textOf(nowhere as never).replaceAll('nosuch_', 'S'));
  });

  test('is not suggested, nor told apart from what there is not', async () => {
    await using few = await as('few', '?discovery=search');
    const execute = async (tool: string): Promise<string> => {
      const answer = (await few.callTool({ name: 'execute', arguments: { tool } })) as Json & { isError?: boolean };
      expect(answer.isError).toBe(true);
      return textOf(answer as never).replaceAll(tool, 'T');
    };
    expect(await execute('rockets__launch_rocket')).toBe(await execute('zzzzzzz__zzzzzz_zzzzzz'));
    expect(await execute('work__opn_issue')).toBe('Unknown tool: T. Did you mean work__open_issue?');
  });

  test('ranks nothing: the same query gives the same bytes whether hidden tools are there or not', async () => {
    await using alone = await createGateway({
      gateway: { listen: '127.0.0.1:0', discovery: 'search' },
      mcpServers: { work: { url: servers[0]?.url } },
    } as never);
    await alone.started();
    await using only = await connect((await alone.listen()).url, 'modern');
    await using few = await as('few', '?discovery=search');
    for (const query of ['issue', 'search issues', 'open', 'launch issue', 'rocket search']) {
      expect(await asked(few, { query })).toEqual(await asked(only, { query }));
    }
  });
});

test('a tool that is new is found at once, and one that is gone is not, while who searches is told of no change', async () => {
  let tools: Json[] = [open];
  let tellGateway = (_message: Json): void => {};
  await using server = await serveScripted((request) => {
    if (request.era === 'modern') return { error: { code: -32_601, message: 'no' } };
    if (request.method !== 'tools/list') return answerOf('work', request);
    tellGateway = request.tellSession;
    return { result: { tools } };
  });
  await using changing = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { work: { url: server.url } },
  } as never);
  await changing.started();
  const at = (await changing.listen()).url;
  await using watching = await connect(at, 'legacy');
  await using searching = await connect(`${at}?discovery=search`, 'legacy');
  const told: string[] = [];
  const listed = Promise.withResolvers<void>();
  watching.setNotificationHandler('notifications/tools/list_changed', () => listed.resolve());
  searching.setNotificationHandler('notifications/tools/list_changed', () => void told.push('searching'));
  expect((await asked(searching, { query: 'frobnicate' })).tools).toEqual([]);
  tools = [{ name: 'frobnicate', inputSchema: { type: 'object' } }];
  tellGateway({ method: 'notifications/tools/list_changed' });
  await listed.promise;
  expect((await asked(searching, { query: 'frobnicate' })).tools).toMatchObject([{ tool: 'work__frobnicate' }]);
  expect((await asked(searching, { query: 'open issue' })).tools).toEqual([]);
  expect(told).toEqual([]);
});

test('a list of exactly the budget is a list; who is connected is told when it grows beyond and shrinks, and every tool it was shown goes on', async () => {
  const more = { name: 'more', inputSchema: { type: 'object' } };
  let tools: Json[] = [open];
  let tellGateway = (_message: Json): void => {};
  await using server = await serveScripted((request) => {
    if (request.era === 'modern') return { error: { code: -32_601, message: 'no' } };
    if (request.method !== 'tools/list') return answerOf('work', request);
    tellGateway = request.tellSession;
    return { result: { tools } };
  });
  const discoveryBudgetTokens = Math.ceil(JSON.stringify({ ...open, name: 'work__open_issue' }).length / 4);
  const served = (budget: number) =>
    ({
      gateway: { listen: '127.0.0.1:0', discovery: 'auto', discoveryBudgetTokens: budget },
      mcpServers: { work: { url: server.url } },
    }) as never;
  await using changing = await createGateway(served(discoveryBudgetTokens));
  await changing.started();
  const at = (await changing.listen()).url;
  await using client = await connect(at, 'legacy');
  let told = Promise.withResolvers<void>();
  client.setNotificationHandler('notifications/tools/list_changed', () => told.resolve());
  const change = async (next: Json[]): Promise<readonly string[]> => {
    told = Promise.withResolvers<void>();
    tools = next;
    tellGateway({ method: 'notifications/tools/list_changed' });
    await told.promise;
    return namesOf(client);
  };
  const called = async (name: string, args: Json = {}): Promise<string> =>
    textOf((await client.callTool({ name, arguments: args })) as never);
  expect(await namesOf(client)).toEqual(['work__open_issue']);
  expect(await change([open, more])).toEqual(OWN);
  expect(await called('work__open_issue')).toBe('work open_issue');
  expect(await change([open])).toEqual(['work__open_issue']);
  // A model that has read of them may call them yet.
  expect(await called('execute', { tool: 'work__open_issue' })).toBe('work open_issue');
  expect(await called('run_script', { code: `return api.call('work__open_issue')` })).toBe('work open_issue');
  expect((await asked(client, { query: 'issue' })).tools).toMatchObject([{ tool: 'work__open_issue' }]);
  // A server's own tool of that name is what is shown then.
  await using routed = await connect(`${at}/work`, 'modern');
  await change([open, search]);
  await changing.reconfigure(served(100_000));
  expect(await namesOf(routed)).toEqual(['open_issue', 'search']);
  expect(await called('search')).not.toContain('work search');
  expect(textOf((await routed.callTool({ name: 'search' })) as never)).toBe('work search');
  await changing.reconfigure(served(discoveryBudgetTokens - 1));
  tools = [open];
  await using below = await connect(at, 'modern');
  expect(await namesOf(below)).toEqual(OWN);
});

test('who is connected is told where the configuration changes how tools are found', async () => {
  await using changing = await createGateway(config());
  await changing.started();
  const at = (await changing.listen()).url;
  await using client = await connect(at, 'legacy', { authorization: `Bearer ${KEYS.all}` });
  const told = Promise.withResolvers<void>();
  client.setNotificationHandler('notifications/tools/list_changed', () => told.resolve());
  await changing.reconfigure(config({ discovery: 'search' }));
  await told.promise;
  expect(await namesOf(client)).toEqual(OWN);
});

test('a server that is down is told as such, to those alone who see it', async () => {
  const auth = {
    apiKeys: [
      { name: 'all', key: KEYS.all },
      { name: 'few', key: KEYS.few, servers: ['work'] },
    ],
  };
  await using own = await createGateway({
    gateway: { listen: '127.0.0.1:0', discovery: 'search', auth },
    mcpServers: { work: { url: servers[0]?.url }, gone: { command: '/nowhere/at-all' } },
  } as never);
  await own.started();
  const { url: at } = await own.listen();
  const search = async (key: string, args: Json): Promise<string> => {
    const client = await connect(at, 'modern', { authorization: `Bearer ${key}` });
    try {
      return textOf((await client.callTool({ name: 'search', arguments: args })) as never);
    } finally {
      await client.close();
    }
  };
  expect(JSON.parse(await search(KEYS.all, {})).servers).toEqual([
    { server: 'work', tools: 2 },
    { server: 'gone', tools: 0, state: 'restarting' },
  ]);
  expect(await search(KEYS.all, { server: 'gone' })).toContain('Server "gone" is restarting.');
  expect(JSON.parse(await search(KEYS.few, {})).servers).toEqual([{ server: 'work', tools: 2 }]);
  expect(await search(KEYS.few, { server: 'gone' })).toContain('Unknown server: gone.');
});
