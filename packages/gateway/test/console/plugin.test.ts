import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invalidJsonGuest, versionGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { OpenedConsole } from './open-console.ts';

test('a plugin is reloaded and rolled back, and a version that cannot be used is said to be one', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'lockgate-plugin-')), 'p.wasm');
  await writeFile(path, versionGuest('A'));
  await using console = await OpenedConsole.open({ plugins: { p: { path, watch: false, isolation: 'inline' } } });
  const browser = await console.signIn();
  const act = (action: string) => browser.ask(`upstreams/p/${action}`, { method: 'POST' });
  const echo = async (): Promise<string> => {
    const { body } = await browser.ask('call', {
      method: 'POST',
      body: { tool: 'p__echo', arguments: { message: 'x' } },
    });
    return body.result.content[0].text;
  };
  const detail = async () => (await browser.ask('upstreams/p')).body;
  expect(await detail()).toMatchObject({
    kind: 'plugin',
    transport: 'wasm',
    actions: ['restart', 'disable', 'reload'],
  });
  await writeFile(path, versionGuest('B'));
  expect((await act('reload')).status).toBe(200);
  expect([await echo(), (await detail()).plugin]).toMatchObject([
    'B:x',
    { live: { generation: 2 }, kept: 1, lastError: null },
  ]);
  expect((await act('rollback')).status).toBe(200);
  expect([await echo(), (await act('rollback')).status]).toEqual(['A:x', 409]);
  await writeFile(path, invalidJsonGuest({ in: 'tools', text: 'oops' }));
  const refused = await act('reload');
  expect([refused.status, refused.body.error.code]).toEqual([409, 'LOADER_SWAP_REJECTED']);
  expect(await echo()).toBe('A:x');
  expect((await browser.ask('overview')).body.attention).toMatchObject([{ severity: 'warning', subject: 'p' }]);
});
