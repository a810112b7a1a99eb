// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration
import { echoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { folderWith, runLockgate } from './run-lockgate.ts';

const HASH = '${KEY_HASH}';

test('the cache is looked at and filled without the secrets that serving needs', async () => {
  const config = {
    gateway: { wasmCacheDir: 'cache', auth: { apiKeys: [{ name: 'me', hash: HASH }] } },
    plugins: { echo: { path: './echo.wasm', settings: { token: '${TOKEN}' } } },
    mcpServers: {
      git: { command: 'node', args: ['--token', '${TOKEN}'], env: { T: '${TOKEN}' } },
      web: { url: 'https://web.test/mcp?key=${TOKEN}' },
    },
  };
  const workingFolder = await folderWith({ 'lockgate.json': JSON.stringify(config), 'echo.wasm': echoGuest() });
  for (const command of ['warm', 'stats', 'clear']) {
    const { stderr, code } = await runLockgate(['cache', command], { workingFolder });
    expect(stderr).not.toContain('is not defined');
    expect(code).not.toBe(2);
  }
});

test('a folder that a missing variable names is still missing', async () => {
  const config = { gateway: { wasmCacheDir: '${CACHE}/lockgate' } };
  const workingFolder = await folderWith({ 'lockgate.json': JSON.stringify(config) });
  expect(await runLockgate(['cache', 'stats'], { workingFolder })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('gateway.wasmCacheDir: the variable "CACHE" is not defined'),
  });
});
