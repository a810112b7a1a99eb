import { call, flow, i32, type ValueType, WasmBuilder } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Isolation } from '../../src/index.ts';
import { openPlugin } from '../open-plugin.ts';
import { defineKit, type ExtismBody, extismModule } from './extism-kit.ts';

const says =
  (value: unknown): ExtismBody =>
  (kit) => [kit.say(typeof value === 'string' ? value : JSON.stringify(value)), i32.const(0)];
const content = [{ type: 'text', text: 'done', mimeType: 'text/plain' }];
const logs: ExtismBody = (kit) => [
  call(kit.log, call(kit.inputOffset)),
  kit.say(JSON.stringify({ content })),
  i32.const(0),
];
const tools = [{ name: 'greet', inputSchema: { type: 'object' } }];

describe.each<Isolation>(['inline', 'worker'])('a plug-in for hyper-mcp %s', (isolation) => {
  test.each([
    ['first', { describe: says({ tools }), call: says({ content }) }],
    [
      'first, even with names of the second,',
      { describe: says({ tools }), call: says({ content }), call_tool: says('x') },
    ],
    ['second', { list_tools: says({ tools }), call_tool: says({ content }) }],
  ])('of the %s version says its tools itself', async (_, bodies) => {
    await using opened = await openPlugin(extismModule(bodies), { isolation, settings: {} });
    expect(await opened.plugin.tools()).toMatchObject([{ name: 'greet', description: '' }]);
    expect(await opened.plugin.execute('greet', {})).toEqual({
      data: 'done',
      isError: false,
      mcp: { content: [{ type: 'text', text: 'done' }] },
    });
  });

  test.each([
    ['first', { describe: says({ tools }), call: logs }, { params: { name: 'greet', arguments: { a: 1 } } }],
    [
      'second',
      { list_tools: says({ tools }), call_tool: logs },
      { request: { name: 'greet', arguments: { a: 1 } }, context: { id: expect.any(Number), _meta: {} } },
    ],
  ])('of the %s version is given a call as that version has it', async (_, bodies, message) => {
    await using opened = await openPlugin(extismModule(bodies), { isolation });
    await opened.plugin.execute('greet', { a: 1 });
    expect(opened.lines.map((line) => JSON.parse(line))).toEqual([message]);
  });

  test('without a function for its tools has none, and fails each call', async () => {
    await using opened = await openPlugin(extismModule({ list_prompts: says('{}') }), { isolation });
    expect(await opened.plugin.tools()).toEqual([]);
    expect(await opened.plugin.execute('x', {})).toMatchObject({ isError: true });
  });

  test('that fails a call is answered with its words, and one that answers with no result is at fault', async () => {
    const fails: ExtismBody = (kit) => [call(kit.setError, kit.block('`algorithm` is required')), i32.const(-1)];
    await using failing = await openPlugin(extismModule({ describe: says({ tools }), call: fails }), { isolation });
    expect(await failing.plugin.execute('greet', {})).toEqual({ data: '`algorithm` is required', isError: true });
    await using mute = await openPlugin(extismModule({ describe: says({ tools }), call: says('{}') }), { isolation });
    await expect(mute.plugin.execute('greet', {})).rejects.toMatchObject({ code: 'RUNTIME_BAD_MESSAGE' });
  });

  test('is refused with tools told from outside', async () => {
    const bytes = extismModule({ describe: says({ tools }), call: says({ content }) });
    await expect(openPlugin(bytes, { isolation, exports: { call: {} } })).rejects.toMatchObject({
      code: 'RUNTIME_LINK',
    });
  });

  test('that asks the client something is told that nobody is asked', async () => {
    await using opened = await openPlugin(asking(), { isolation });
    const answer = async (tool: string): Promise<unknown> => (await opened.plugin.execute(tool, {})).data;
    expect(await answer('x')).toBe('{"roots":[]}');
    expect(opened.lines).toEqual([
      'The guest\'s message of "create_elicitation" at message must be a string, found nothing.',
      'from the guest',
    ]);
  });
});

/** A plug-in of the second version whose one tool tells and asks all that can be told and asked, and answers with the roots. */
function asking(): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const user = <const P extends readonly ValueType[], R extends 'i64' | 'void'>(name: string, params: P, result: R) =>
    wasm.import('extism:host/user', name, params, result);
  const asked = ['create_elicitation', 'create_message', 'get_access_token', 'get_keyring_secret'].map((name) =>
    user(name, ['i64'], 'i64'),
  );
  const told = ['notify_progress', 'notify_resource_updated', 'notify_url_elicitation_completed'].map((name) =>
    user(name, ['i64'], 'void'),
  );
  const changed = ['notify_prompt_list_changed', 'notify_resource_list_changed', 'notify_tool_list_changed'].map(
    (name) => user(name, [], 'void'),
  );
  const logs = user('notify_logging_message', ['i64'], 'void');
  const roots = user('list_roots', [], 'i64');
  const kit = defineKit(wasm);
  const starts = kit.block('{"content":[{"type":"text","text":"{\\"roots\\":[]}"}]}');
  wasm.function({ params: [], result: 'i32', export: 'call_tool' }, (scope) => {
    const handle = scope.local('i64');
    return [
      ...asked.map((ask) => flow.drop(i32.wrap(call(ask, kit.block('{}'))))),
      ...told.map((tell) => call(tell, kit.block('{}'))),
      ...changed.map((change) => call(change)),
      call(logs, kit.block('{"level":"notice","data":"from the guest"}')),
      handle.set(call(roots)),
      flow.if(i32.ne(i32.wrap(call(kit.length, handle.get)), i32.const(12)), [flow.trap('void')]),
      handle.set(starts),
      call(kit.setOutput, handle.get, call(kit.length, handle.get)),
      i32.const(0),
    ];
  });
  return wasm.build();
}
