import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { commandSetting, openConfig } from '../../src/cli/config-options.ts';
import { folderWith } from './run-lockgate.ts';

const FILE = (name: string): string => JSON.stringify({ mcpServers: { [name]: { url: 'http://127.0.0.1:1/mcp' } } });

async function opened(options: Readonly<Record<string, unknown>>, files: Readonly<Record<string, string>>) {
  const workingFolder = await folderWith(files);
  const stream = new PassThrough();
  const terminal = { stdin: stream, piped: false, stdout: stream, stderr: stream, environment: {}, workingFolder };
  const { source, texts } = await openConfig(options, terminal);
  const handed = { path: source, texts };
  return {
    workingFolder,
    again: async () => Object.keys((await openConfig(options, terminal, undefined, handed)).config.mcpServers),
    setting: (name: string) => commandSetting(name, options, terminal, handed),
  };
}

test.each([
  ['one that comes before it lies beside it', (folder: string) => writeFile(join(folder, 'lockgate.json'), FILE('b'))],
  ['it has been removed', (folder: string) => rm(join(folder, 'lockgate.jsonc'))],
])('a process that is handed a configuration serves it where by then %s', async (_, change) => {
  const { workingFolder, again } = await opened({}, { 'lockgate.jsonc': FILE('a') });
  await change(workingFolder);
  expect(await again()).toEqual(['a']);
});

test.each([
  ['has been removed', (path: string) => rm(path)],
  ['names another one', (path: string) => writeFile(path, 'MCP_GATEWAY_CONFIG=other.json\nMCP_GATEWAY_PROFILE=two\n')],
  ['cannot be read as one', (path: string) => writeFile(path, '= no name')],
])(
  'a process that is handed a configuration takes its path and its settings from the env file as it was, which %s',
  async (_, change) => {
    const files = {
      'first.json': FILE('a'),
      'other.json': FILE('b'),
      env: 'MCP_GATEWAY_CONFIG=first.json\nMCP_GATEWAY_PROFILE=one\n',
    };
    const { workingFolder, again, setting } = await opened({ env: 'env' }, files);
    await change(join(workingFolder, 'env'));
    expect([await again(), await setting('profile')]).toEqual([['a'], 'one']);
  },
);
