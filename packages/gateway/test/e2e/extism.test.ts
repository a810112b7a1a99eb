import { echoGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { textOf } from './clients.ts';
import { extismEcho, hyperMcp } from './extism-guest.ts';
import { moduleFiles, servedGateway } from './guarded-files.ts';

const files = moduleFiles({ echo: extismEcho('say', 'other'), lockgate: echoGuest() });

describe('a plug-in for Extism', () => {
  test.each(['tools', 'exports'])('is a server by what "%s" says of its exports', async (key) => {
    const say = {
      input: 'text',
      description: 'Says it',
      inputSchema: { type: 'object', properties: { what: { type: 'string' } }, required: ['what'] },
      annotations: { readOnlyHint: true },
    };
    const exports = { say, asked: { export: 'other' } };
    await using served = await servedGateway({
      gateway: { listen: '127.0.0.1:0' },
      plugins: { words: { path: files.echo, [key]: exports } },
    });
    const client = await served.connect();
    const { tools } = await client.listTools();
    expect(
      tools.map(({ name, description, inputSchema, annotations }) => [name, description, inputSchema, annotations]),
    ).toEqual([
      ['words__say', 'Says it', say.inputSchema, say.annotations],
      ['words__asked', '', { type: 'object' }, undefined],
    ]);
    const answers = [
      await client.callTool({ name: 'words__say', arguments: { what: 'héllo' } }),
      await client.callTool({ name: 'words__asked', arguments: { a: [1] } }),
    ];
    expect(answers.map(textOf)).toEqual(['héllo', '{"a":[1]}']);
    const refused = await client.callTool({ name: 'words__say', arguments: { what: 1 } });
    expect([refused.isError, textOf(refused)]).toEqual([true, expect.stringContaining('what')]);
  });

  test('shows of its tools only those that "tools" names', async () => {
    await using served = await servedGateway({
      gateway: { listen: '127.0.0.1:0' },
      plugins: { words: { path: files.echo, exports: { say: {}, other: {} }, tools: ['say'] } },
    });
    const { tools } = await (await served.connect()).listTools();
    expect(tools.map(({ name }) => name)).toEqual(['words__say']);
  });

  test.each([
    [
      'without its tools',
      { path: files.echo },
      'it does not say what its tools are: name them under "exports"; it exports "say", "other"',
    ],
    [
      'with a tool that it has no export for',
      { path: files.echo, exports: { nope: {} } },
      'the tool "nope" needs a function "nope" without parameters; it exports "say", "other"',
    ],
    [
      'with tools, where it says them itself',
      { path: files.lockgate, exports: { echo: {} } },
      'a plugin says itself what its tools are: leave out "exports", or "tools" where they are described there',
    ],
    [
      'with tools under both names',
      { path: files.echo, exports: { say: {} }, tools: { say: {} } },
      'tools are described here and in "exports"',
    ],
    [
      'with an input that there is not',
      { path: files.echo, tools: { say: { input: 'xml' } } },
      'plugins.words.tools.say.input',
    ],
  ])('is refused %s, before anything is served', async (_, plugin, reason) => {
    await using served = await servedGateway({ gateway: { listen: '127.0.0.1:0' } });
    const config = { gateway: { listen: '127.0.0.1:0' }, plugins: { words: plugin } };
    const error = await served.gateway.reconfigure(config as never).then(
      () => 'taken',
      ({ message }: Error) => message,
    );
    expect(error).toContain(reason);
  });
});

test('a plug-in for hyper-mcp is a server as it is, and its results come through whole', async () => {
  const result = { content: [{ type: 'image', data: 'AA==', mimeType: 'image/png' }], structuredContent: { a: 1 } };
  const { plugin } = moduleFiles({
    plugin: hyperMcp({ tools: [{ name: 'draw', inputSchema: { type: 'object' } }] }, result),
  });
  await using served = await servedGateway({ gateway: { listen: '127.0.0.1:0' }, plugins: { art: { path: plugin } } });
  const client = await served.connect();
  expect((await client.listTools()).tools).toMatchObject([{ name: 'art__draw' }]);
  expect(await client.callTool({ name: 'art__draw', arguments: {} })).toMatchObject(result);
});
