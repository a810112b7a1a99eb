import { describe, expect, test, vi } from 'vitest';
import type { Logger } from '../../src/logger.ts';
import { connect } from './clients.ts';
import { moduleFiles, servedGateway } from './guarded-files.ts';
import { hyperMcpServer } from './hyper-mcp-guest.ts';

const prompt = { name: 'greet', description: null, arguments: [{ name: 'who', required: true, title: null }] };
const message = { role: 'user', content: { type: 'text', text: 'Say hello' } };
const file = { uri: 'notes://today', name: 'today', mimeType: 'text/plain', size: null };
const LISTS = {
  list_tools: { tools: [{ name: 'ask', title: 'Ask', inputSchema: { type: 'object' } }] },
  list_prompts: { prompts: [prompt] },
  list_resources: { resources: [file] },
  list_resource_templates: { resourceTemplates: [{ uriTemplate: 'notes://{day}', name: 'day' }] },
  call_tool: {},
  get_prompt: { messages: [message], description: 'A greeting' },
  read_resource: { contents: [{ uri: 'notes://today', text: 'rain', mimeType: null }] },
  complete: { completion: { values: ['ann', 'anna'], total: 2, hasMore: false } },
  on_roots_list_changed: {},
};

const requestedSchema = { type: 'object', properties: { when: { type: 'string', format: 'date_time' } } };
const ASKED = [
  { name: 'create_elicitation', message: { message: 'When?', requestedSchema, timeout: 60 } },
  {
    name: 'create_message',
    message: { messages: [message.content], maxTokens: 9, includeContext: 'allServers', tools: [], temperature: null },
  },
  { name: 'list_roots' },
];
const TOLD = [
  { name: 'notify_progress', message: { progressToken: 'progress', progress: 1, total: 2 }, isAsked: false },
  { name: 'notify_logging_message', message: { level: 'warning', data: 'careful' }, isAsked: false },
  { name: 'notify_logging_message', message: { data: 'without a level' }, isAsked: false },
  { name: 'notify_resource_updated', message: { uri: 'notes://today' }, isAsked: false },
  { name: 'notify_tool_list_changed', isAsked: false },
];

const { whole } = moduleFiles({ whole: hyperMcpServer(LISTS, [...ASKED, ...TOLD]) });
const config = { gateway: { listen: '127.0.0.1:0' }, plugins: { notes: { path: whole } } };

/** A logger that keeps what it warns of, each with the plugin it is about. */
function warned() {
  const warnings: string[] = [];
  const warn = ({ module, plugin = module, line = '' }: Readonly<Record<string, string>>, said: string): void => {
    if (plugin !== undefined) warnings.push(`${plugin}: ${said} ${line}`.trimEnd());
  };
  const logger = { debug: () => {}, info: () => {}, warn, error: () => {} } as unknown as Logger;
  return { logger, warnings };
}

describe.each(['legacy', 'modern'] as const)('a plug-in of the second version of hyper-mcp, for a %s client', (era) => {
  test('offers prompts, resources, templates and completions', async () => {
    await using served = await servedGateway(config);
    await using client = await connect(served.url, era);
    expect((await client.listPrompts()).prompts).toEqual([
      { name: 'notes__greet', arguments: [{ name: 'who', required: true }] },
    ]);
    expect((await client.listResources()).resources).toEqual([
      { uri: 'notes://today', name: 'today', mimeType: 'text/plain' },
    ]);
    expect((await client.listResourceTemplates()).resourceTemplates).toMatchObject([{ uriTemplate: 'notes://{day}' }]);
    expect((await client.listTools()).tools).toMatchObject([{ name: 'notes__ask', title: 'Ask' }]);
    expect(await client.getPrompt({ name: 'notes__greet', arguments: { who: 'x' } })).toMatchObject({
      messages: [message],
      description: 'A greeting',
    });
    expect((await client.readResource({ uri: 'notes://tomorrow' })).contents).toEqual([
      { uri: 'notes://today', text: 'rain' },
    ]);
    const ref = { type: 'ref/prompt', name: 'notes__greet' } as const;
    expect((await client.complete({ ref, argument: { name: 'who', value: 'an' } })).completion.values).toEqual([
      'ann',
      'anna',
    ]);
  });

  test('asks the client what it takes, and is told in its own words what it does not take', async () => {
    await using served = await servedGateway(config);
    const capabilities = { elicitation: {}, sampling: {}, roots: { listChanged: true } };
    await using client = await connect(served.url, era, {}, capabilities);
    const asked: unknown[] = [];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params);
      return { action: 'accept', content: { when: 'now' } };
    });
    client.setRequestHandler('sampling/createMessage', ({ params }) => {
      asked.push(params);
      return { model: 'm', role: 'assistant', content: { type: 'text', text: 'hello' } };
    });
    client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///home' }] }));
    const { structuredContent } = await client.callTool({ name: 'notes__ask', arguments: { a: 1 } });
    expect(structuredContent).toMatchObject({
      answers: [
        { action: 'accept', content: { when: 'now' } },
        { model: 'm', role: 'assistant', content: { text: 'hello' } },
        { roots: [{ uri: 'file:///home' }] },
        null,
      ],
      input: { request: { name: 'ask', arguments: { a: 1 } } },
    });
    expect(asked).toMatchObject([
      { message: 'When?', requestedSchema: { properties: { when: { format: 'date-time' } } } },
      { messages: [message], maxTokens: 9 },
    ]);
    expect(JSON.stringify(asked)).not.toMatch(/timeout|includeContext|tools|temperature/);
    await using mute = await connect(served.url, era);
    const { structuredContent: alone } = await mute.callTool({ name: 'notes__ask', arguments: {} });
    expect(alone).toMatchObject({
      answers: [
        { action: 'decline', content: { error: 'the client does not take elicitation' } },
        { stopReason: 'error', content: { text: 'the client does not take sampling' } },
        { roots: [] },
        null,
      ],
    });
  });

  test.each(['get_prompt', 'read_resource'])('asks the client out of %s as out of a tool', async (name) => {
    const files = moduleFiles({ asking: hyperMcpServer(LISTS, ASKED, {}, [name]) });
    await using served = await servedGateway({ ...config, plugins: { notes: { path: files.asking } } });
    const capabilities = { elicitation: {}, sampling: {}, roots: { listChanged: true } };
    await using client = await connect(served.url, era, {}, capabilities);
    const asked: string[] = [];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params.message);
      return { action: 'accept', content: { when: 'now' } };
    });
    client.setRequestHandler('sampling/createMessage', ({ params }) => {
      asked.push(`at most ${params.maxTokens}`);
      return { model: 'm', role: 'assistant', content: { type: 'text', text: 'hello' } };
    });
    client.setRequestHandler('roots/list', () => {
      asked.push('roots');
      return { roots: [] };
    });
    const answer =
      name === 'get_prompt'
        ? await client.getPrompt({ name: 'notes__greet', arguments: { who: 'you' } })
        : await client.readResource({ uri: 'notes://today' });
    expect(JSON.stringify(answer)).toContain(name === 'get_prompt' ? 'Say hello' : 'rain');
    expect(asked).toEqual(['When?', 'at most 9', 'roots']);
  });

  test('is told what is wrong with a form that no client could show, and nobody is asked', async () => {
    const nested = { type: 'object', properties: { who: { type: 'object', properties: {} } } };
    const message = { message: 'Who?', requestedSchema: nested };
    const { asks } = moduleFiles({ asks: hyperMcpServer(LISTS, [{ name: 'create_elicitation', message }]) });
    const { logger, warnings } = warned();
    await using served = await servedGateway({ ...config, plugins: { notes: { path: asks } } }, { logger });
    await using client = await connect(served.url, era, {}, { elicitation: {} });
    const asked = vi.fn();
    client.setRequestHandler('elicitation/create', () => {
      asked();
      return { action: 'cancel' };
    });
    const { structuredContent } = await client.callTool({ name: 'notes__ask', arguments: {} });
    const error = expect.stringContaining('at requestedSchema.properties.who.type must be one of string, number');
    expect(structuredContent).toMatchObject({ answers: [{ action: 'decline', content: { error } }, null] });
    expect(asked).not.toHaveBeenCalled();
    expect(warnings.join('')).toContain('requestedSchema.properties.who.type');
  });

  test('that gives other tools after a call is listed with those, and they can be called', async () => {
    const other = { tools: [{ name: 'more', inputSchema: { type: 'object' } }] };
    const says = [{ name: 'notify_tool_list_changed', isAsked: false }];
    const { grows } = moduleFiles({ grows: hyperMcpServer(LISTS, says, { list_tools: other }) });
    await using served = await servedGateway({ ...config, plugins: { notes: { path: grows } } });
    await using client = await connect(served.url, era);
    const changed = Promise.withResolvers<void>();
    client.setNotificationHandler('notifications/tools/list_changed', () => changed.resolve());
    if (era === 'modern') await client.listen({ toolsListChanged: true });
    await client.callTool({ name: 'notes__ask', arguments: {} });
    await changed.promise;
    expect((await client.listTools()).tools).toMatchObject([{ name: 'notes__more' }]);
    expect(await client.callTool({ name: 'notes__more', arguments: {} })).toMatchObject({
      structuredContent: { input: { request: { name: 'more' } } },
    });
  });

  test('tells its client of progress, and all who listen of what has changed', async () => {
    await using served = await servedGateway(config);
    await using client = await connect(served.url, era);
    const updated = Promise.withResolvers<unknown>();
    const changed = Promise.withResolvers<unknown>();
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => updated.resolve(params));
    client.setNotificationHandler('notifications/tools/list_changed', () => changed.resolve('told'));
    if (era === 'legacy') await client.subscribeResource({ uri: 'notes://today' });
    else await client.listen({ resourceSubscriptions: ['notes://today'], toolsListChanged: true });
    const progress: unknown[] = [];
    await client.callTool({ name: 'notes__ask', arguments: {} }, { onprogress: (told) => progress.push(told) });
    expect(progress).toMatchObject([{ progress: 1, total: 2 }]);
    expect(await updated.promise).toMatchObject({ uri: 'notes://today' });
    expect(await changed.promise).toBe('told');
  });
});

test('a plug-in that has one half of what a list takes is served without it, and one that gives nothing is told of', async () => {
  const { call_tool: _, read_resource: __, list_prompts: ___, ...halves } = LISTS;
  const { half, empty } = moduleFiles({
    half: hyperMcpServer(halves, []),
    empty: hyperMcpServer({ list_tools: {}, call_tool: {} }, []),
  });
  const { logger, warnings } = warned();
  const plugins = { notes: { path: whole }, half: { path: half }, empty: { path: empty } };
  await using served = await servedGateway({ ...config, plugins }, { logger });
  await using client = await connect(served.url, 'modern');
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['notes__ask']);
  expect((await client.listResources()).resources).toHaveLength(1);
  expect(warnings.sort()).toEqual([
    'empty: a plugin gives no tool, prompt or resource; check its "settings"',
    'half: a plugin gives no tool, prompt or resource; check its "settings"',
    'half: its "get_prompt" is never called, because it exports no "list_prompts"; export both, or neither',
    'half: its resource templates are left out, because it exports "list_resource_templates" and no "read_resource"; export both, or neither',
    'half: its resources are left out, because it exports "list_resources" and no "read_resource"; export both, or neither',
    'half: its tools are left out, because it exports "list_tools" and no "call_tool"; export both, or neither',
  ]);
});

test('a plug-in for hyper-mcp hears that roots have changed, may ask for them then, and its log is for that client', async () => {
  await using served = await servedGateway(config);
  await using client = await connect(served.url, 'legacy', {}, { roots: { listChanged: true } });
  const [first, second] = [Promise.withResolvers<unknown>(), Promise.withResolvers<unknown>()];
  const asked = Promise.withResolvers<string>();
  client.setNotificationHandler('notifications/message', ({ params }) =>
    (params.level === 'info' ? second : first).resolve(params),
  );
  client.setRequestHandler('roots/list', () => {
    asked.resolve('asked');
    return { roots: [] };
  });
  await client.notification({ method: 'notifications/roots/list_changed' });
  expect(await asked.promise).toBe('asked');
  expect(await first.promise).toMatchObject({ level: 'warning', data: 'careful' });
  expect(await second.promise).toMatchObject({ level: 'info', data: 'without a level' });
});

test('a role covers the prompts, resources and completions of a plug-in as it covers those of a server', async () => {
  const keys = { some: 'k'.repeat(40), whole: 'w'.repeat(40) };
  const auth = { apiKeys: Object.entries(keys).map(([name, key]) => ({ name, key, roles: [name] })) };
  const tools = { allow: ['*'] };
  const roles = {
    some: { tools },
    whole: { tools, prompts: { allow: ['notes/*'] }, resources: { allow: ['notes/*'] } },
  };
  await using served = await servedGateway({ ...config, gateway: { ...config.gateway, auth }, roles });
  const allowed = async (key: string): Promise<readonly string[]> => {
    await using client = await connect(served.url, 'legacy', { authorization: `Bearer ${key}` });
    const ref = { type: 'ref/prompt', name: 'notes__greet' } as const;
    const asked = {
      tool: () => client.callTool({ name: 'notes__ask', arguments: {} }),
      prompt: () => client.getPrompt({ name: 'notes__greet' }),
      resource: () => client.readResource({ uri: 'notes://today' }),
      completion: () => client.complete({ ref, argument: { name: 'who', value: 'a' } }),
      prompts: () => client.listPrompts().then(({ prompts }) => prompts.length || Promise.reject(new Error('none'))),
    };
    const ends = await Promise.allSettled(Object.values(asked).map((ask) => ask()));
    return Object.keys(asked).filter((_, index) => ends[index]?.status === 'fulfilled');
  };
  expect(await allowed(keys.some)).toEqual(['tool']);
  expect(await allowed(keys.whole)).toEqual(['tool', 'prompt', 'resource', 'completion', 'prompts']);
});
