import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guardGuest, versionGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { LockgateFile } from '../../src/config/schema.ts';
import { connect, textOf } from './clients.ts';
import { moduleFiles, servedGateway } from './guarded-files.ts';
import { LockgateProcess } from './lockgate-process.ts';

const says = async (client: Pick<Awaited<ReturnType<typeof connect>>, 'callTool'>): Promise<string> =>
  textOf(await client.callTool({ name: 'hello__echo', arguments: { message: 'x' } }));

describe('a configuration that names a module which could not be served changes nothing', () => {
  test.each([
    ['when its file is saved', [], false],
    ['at SIGHUP', ['--no-watch'], true],
  ])('%s, and says what stands in the way', async (_, args, atHangUp) => {
    const config = (path: string, more: object = {}) => ({
      gateway: { listen: '127.0.0.1:0' },
      plugins: { hello: { path, isolation: 'inline' }, ...more },
    });
    await using lockgate = await LockgateProcess.start({
      config: config('./a.wasm'),
      files: { 'a.wasm': versionGuest('A'), 'b.wasm': versionGuest('B') },
      args,
    });
    const apply = async (next: object): Promise<void> => {
      await writeFile(join(lockgate.folder, 'lockgate.json'), JSON.stringify(next));
      if (atHangUp) lockgate.child.kill('SIGHUP');
    };
    await using client = await connect(await lockgate.url());
    expect(await says(client)).toBe('A:x');
    await apply(config('./hell.wasm', { more: { path: './b.wasm' } }));
    const said = await lockgate.said(/^.*what was served stays.*$/m);
    expect(said[0]).toMatch(/plugins\.hello\.path: \S+hell\.wasm: there is no such file/);
    expect(await says(client)).toBe('A:x');
    expect((await client.listTools()).tools.some(({ name }) => !name.startsWith('hello__'))).toBe(false);
    expect(lockgate.stderr).not.toMatch(/module unloaded|configuration applied/);
    await apply(config('./b.wasm'));
    await lockgate.said(/configuration applied/);
    await expect.poll(() => says(client)).toBe('B:x');
  });

  test('when a program hands it over: a file that is no module, a module of the other kind, another than "sha256" says', async () => {
    const files = moduleFiles({
      good: versionGuest('A'),
      guard: guardGuest(),
      text: Buffer.from('no module'),
    });
    const inline = { path: files.good, isolation: 'inline' as const };
    const config = (plugin: object, guard: object = { path: files.guard }): LockgateFile => ({
      gateway: { listen: '127.0.0.1:0' },
      guards: { labels: guard },
      plugins: { hello: { ...inline, guard: 'labels', ...plugin } },
    });
    await using served = await servedGateway(config({}));
    const client = await served.connect();
    expect(await says(client)).toBe('A:x');
    const refused = async (...asked: Parameters<typeof config>): Promise<string> => {
      const reason = await served.gateway.reconfigure(config(...asked)).catch((error: unknown) => error);
      expect(reason).toMatchObject({ code: 'GATEWAY_CONFIG' });
      expect(await says(client)).toBe('A:x');
      return (reason as Error).message;
    };
    expect(await refused({ path: files.text })).toMatch(/plugins\.hello\.path: .*text\.wasm: /);
    expect(await refused({ path: files.guard })).toMatch(/it is a guard, not a plugin/);
    expect(await refused({ sha256: '0'.repeat(64) })).toMatch(/its SHA-256 is [0-9a-f]{64}, not/);
    expect(await refused({}, { path: files.text })).toMatch(/guards\.labels\.path: .*text\.wasm: /);
    expect(await refused({}, { path: files.good })).toMatch(/it is a plugin, not a guard/);
    // What is switched off is not looked at, and a refusal does not stand in the way of the next.
    await served.gateway.reconfigure({ plugins: { hello: inline, off: { path: files.text, disabled: true } } });
    expect(await says(client)).toBe('A:x');
  });
});
