import { LOG_LEVEL_META_KEY } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from './clients.ts';
import { COMBINATIONS, openFourServers } from './four-servers.ts';

let servers: Awaited<ReturnType<typeof openFourServers>>;
let url: string;

beforeAll(async () => {
  servers = await openFourServers();
  ({ url } = servers);
});

afterAll(() => servers[Symbol.asyncDispose]());

const WATCHED = 'test://watched-resource';

describe.each(COMBINATIONS)('a $era client and the server $server', ({ era, server }) => {
  test('an update of a watched resource reaches the client that watches it', async () => {
    await using client = await connect(`${url}/${server}`, era);
    const updated = Promise.withResolvers<string>();
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => updated.resolve(params.uri));
    if (era === 'legacy') await client.subscribeResource({ uri: WATCHED });
    else await client.listen({ resourceSubscriptions: [WATCHED] });
    await using other = await connect(`${url}/${server}`, era);
    await other.callTool({ name: 'touch_watched_resource', arguments: {} });
    expect(await updated.promise).toBe(WATCHED);
  });

  test('a changed tool list is announced', async () => {
    await using client = await connect(`${url}/${server}`, era);
    const told = Promise.withResolvers<void>();
    client.setNotificationHandler('notifications/tools/list_changed', () => told.resolve());
    if (era === 'modern') await client.listen({ toolsListChanged: true });
    await using other = await connect(`${url}/${server}`, era);
    await other.callTool({ name: 'test_trigger_tool_change', arguments: {} });
    await told.promise;
  });

  test('log messages of a call reach its client, from the level that it asked for', async () => {
    await using client = await connect(`${url}/${server}`, era);
    const heard: unknown[] = [];
    client.setNotificationHandler('notifications/message', ({ params }) => void heard.push(params.data));
    const withLevel = async (level: 'info' | 'error'): Promise<void> => {
      if (era === 'legacy') await client.setLoggingLevel(level);
      const _meta = era === 'modern' ? { [LOG_LEVEL_META_KEY]: level } : undefined;
      await client.callTool({ name: 'test_tool_with_logging', arguments: {}, ...(_meta && { _meta }) } as never);
    };
    await withLevel('error');
    expect(heard).toEqual([]);
    await withLevel('info');
    await expect
      .poll(() => heard)
      .toEqual(['Tool execution started', 'Tool processing data', 'Tool execution completed']);
  });
});

test('a client that watches nothing hears nothing', async () => {
  await using watching = await connect(`${url}/http-2025`, 'legacy');
  await using other = await connect(`${url}/http-2025`, 'legacy');
  const heard: string[] = [];
  other.setNotificationHandler('notifications/resources/updated', () => void heard.push('other'));
  const updated = Promise.withResolvers<void>();
  watching.setNotificationHandler('notifications/resources/updated', () => updated.resolve());
  await watching.subscribeResource({ uri: WATCHED });
  await other.subscribeResource({ uri: WATCHED });
  await other.unsubscribeResource({ uri: WATCHED });
  await watching.callTool({ name: 'touch_watched_resource', arguments: {} });
  await updated.promise;
  await other.ping();
  expect(heard).toEqual([]);
});

test.each(['stdio-2026', 'stdio-2025'])(
  'no log message of %s is lost where calls of several modern clients run',
  async (server) => {
    const call = async (level: 'info' | undefined): Promise<unknown[]> => {
      const client = await connect(`${url}/${server}`, 'modern');
      const heard: unknown[] = [];
      client.setNotificationHandler('notifications/message', ({ params }) => void heard.push(params.data));
      const _meta = level && { [LOG_LEVEL_META_KEY]: level };
      await client.callTool({ name: 'test_tool_with_logging', arguments: {}, ...(_meta && { _meta }) } as never);
      await client.close();
      return heard;
    };
    const said = ['Tool execution started', 'Tool processing data', 'Tool execution completed'];
    const [one, other, silent] = await Promise.all([call('info'), call('info'), call(undefined)]);
    expect(one).toEqual(expect.arrayContaining(said));
    expect(other).toEqual(expect.arrayContaining(said));
    expect(silent).toEqual([]);
  },
);
