import { describe, expect, test } from 'vitest';
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
