import { ComponentBuilder, echoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { createRuntime, type PluginOptions } from '../src/index.ts';
import { coreModule } from './component/core-module.ts';

const PAGE_BYTES = 65_536;

/** What the log says of a module that is loaded, or why it is not. */
async function saidOf(bytes: Uint8Array, options: PluginOptions): Promise<readonly string[]> {
  const said: string[] = [];
  const none = (): void => {};
  const logger = { debug: none, info: none, error: none, warn: (_: object, message: string) => said.push(message) };
  await using runtime = await createRuntime({ isolation: 'inline', logger });
  await runtime.loadPlugin(bytes, options).catch((error: Error) => said.push(error.message));
  return said;
}

function component(): Uint8Array {
  const builder = new ComponentBuilder();
  const code = [0x41, 1];
  const module = coreModule({ functions: [{ name: 'run', params: [], results: ['i32'], code }] });
  const run = builder.coreAlias('function', builder.coreInstance(builder.coreModule(module)), 'run');
  builder.export('run', 'func', builder.lift(run, builder.functionType({ params: {}, result: 'u32' })));
  return builder.build();
}

test.each([
  ['a plugin', echoGuest()],
  ['a component', component()],
])('%s that starts with all the memory that it may have is told of when it is loaded', async (_, bytes) => {
  const [refused = ''] = await saidOf(bytes, { memoryCeilingBytes: PAGE_BYTES });
  const initialBytes = Number(/starts with (\d+) bytes/.exec(refused)?.[1] ?? PAGE_BYTES);
  const tight = await saidOf(bytes, { memoryCeilingBytes: initialBytes });
  expect(tight).toEqual([expect.stringContaining('which is all that it may have')]);
  expect(await saidOf(bytes, { memoryCeilingBytes: initialBytes + PAGE_BYTES })).toEqual([]);
});

test('a module that is no plug-in for Extism, and of which "exports" says what its tools are, is told so', async () => {
  const bytes = coreModule({ functions: [{ name: 'count', params: [], results: ['i32'], code: [0x41, 0] }] });
  const said = await saidOf(bytes, { exports: { count: { input: 'text' } } });
  expect(said).toEqual([expect.stringContaining('it is no plug-in for Extism, of which "exports" says')]);
  expect(await saidOf(bytes, {})).toEqual([expect.stringContaining('The module is not a plugin')]);
});
