import { call, flow } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { openPlugin } from '../open-plugin.ts';
import { extismModule } from './extism-kit.ts';

test('a plug-in whose calls say what went wrong and trap, as AssemblyScript throws, is replaced in time without a warning', async () => {
  const bytes = extismModule({
    fail: (kit) => [call(kit.setError, kit.block('no tank')), flow.trap('i32')],
  });
  const limits = { maxLeakedBytes: 1024 * 1024 };
  await using opened = await openPlugin(bytes, { isolation: 'inline', exports: { fail: {} }, ...limits });
  for (let count = 0; count < 10; count += 1) {
    await expect(opened.plugin.execute('fail', {})).resolves.toMatchObject({ data: 'no tank', isError: true });
  }
  await expect(opened.plugin.stats()).resolves.toMatchObject({ traps: 0, recycled: 2 });
  expect(opened.warnings).toEqual([]);
});
