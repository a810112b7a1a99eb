import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveScriptedHttp } from '../fixtures/raw-server.ts';
import { noBrowser, openBrowser, openWindow } from './browser.ts';
import { OpenedConsole } from './open-console.ts';

let browser: Browser;
beforeAll(async () => {
  if (noBrowser === undefined) browser = await openBrowser();
});
afterAll(() => browser?.close());

/** By hand: what writes JSON gives up before the deepest. */
function resultOf(levels: number): string {
  const structured = `${'{"in":'.repeat(levels)}{}${'}'.repeat(levels)}`;
  return `"result":{"content":[{"type":"text","text":"${levels} levels"}],"structuredContent":${structured}}`;
}

test.skipIf(noBrowser !== undefined)(
  'the console shows results however deep they are nested, and says so where no frame may be so deep',
  async () => {
    let levels = 100;
    await using server = await serveScriptedHttp('legacy', { call: () => ({ body: resultOf(levels) }) });
    await using console = await OpenedConsole.open({ mcpServers: { raw: { url: server.url } } } as never);
    await using window = await openWindow(browser, console.base);
    const { page } = window;
    await page.goto(console.gateway.signInLink() ?? '');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.goto(`${console.base}/console/#/tools/raw__any`);
    const call = () => page.getByRole('button', { name: 'Call', exact: true }).click();
    const result = page.getByRole('region', { name: 'Result' });
    await call();
    await result.getByText('100 levels').waitFor();
    await result.getByRole('button', { name: 'JSON', exact: true }).click();
    await result.getByText('"structuredContent"').waitFor();
    for (levels of [200, 100_000]) {
      const [answer] = await Promise.all([page.waitForResponse(/\/api\/call$/), call()]);
      expect(await answer.json()).toMatchObject({ result: { isError: true } });
      await result.getByText(/nested deeper than 128 levels/).waitFor();
    }
    expect(window.complaints).toEqual([]);
  },
);
