import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../e2e/clients.ts';
import { expectAccessible, expectFits, film, noBrowser, openBrowser, openWindow, type Watched } from './browser.ts';
import { type ServedConsole, serveConsole } from './served-console.ts';

// The console in a browser, served by a gateway as people start it.

let browser: Browser;
let served: ServedConsole;
/** What a browser keeps of somebody who is signed in. */
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;

beforeAll(async () => {
  if (noBrowser !== undefined) return;
  [browser, served] = await Promise.all([openBrowser(), serveConsole()]);
  await using window = await openWindow(browser, served.url);
  await window.page.goto(await served.link());
  await window.page.getByRole('heading', { name: 'Overview' }).waitFor();
  signedIn = await window.context.storageState();
});

afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

const PAGES = [
  'overview',
  'servers',
  'servers/files',
  'tools',
  'tools/everything__get-sum',
  'calls',
  'connections',
  'access',
  'policy',
  'pins',
  'approvals',
  'configuration',
];

/** A page of somebody who is signed in, once it shows what it is for. */
async function open(route: string, options: Parameters<typeof openWindow>[2] = {}): Promise<Watched> {
  const window = await openWindow(browser, served.url, { ...options, state: signedIn });
  await go(window.page, route);
  return window;
}

async function go(page: Page, route: string): Promise<void> {
  await page.goto(`${served.url}#/${route}`);
  await page.locator('.page > :nth-child(2):not(.skeleton)').waitFor();
  await expect.poll(() => page.locator('.skeleton').count()).toBe(0);
}

const NAVIGATION = `document.querySelectorAll('.nav a').length`;
const IS_WANTED = `document.activeElement === document.querySelectorAll('.nav a')[window.linkWanted]`;
const IS_WANTED_PAGE = `document.querySelectorAll('.nav a')[window.linkWanted].getAttribute('aria-current') === 'page'`;

/** Marks what Tab has to come to, of radio buttons the one that is chosen, and begins to note where the focus goes. How many there are. */
const MARK_STOPS = `(() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
  const isStop = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0 && (one.type !== 'radio' || one.checked);
  window.stops = all.filter(isStop);
  window.reached = new Set();
  document.activeElement.blur();
  document.addEventListener('focusin', ({ target }) => window.reached.add(target));
  return window.stops.length;
})()`;
/** What is still there and was not come to. */
const UNREACHED = `window.stops.filter((one) => one.isConnected && !window.reached.has(one)).map((one) => one.outerHTML.slice(0, 200))`;

describe.skipIf(noBrowser !== undefined)('the console of a gateway', () => {
  test('is entered by a link that works once, and left by signing out', async () => {
    const link = await served.link();
    await using window = await openWindow(browser, served.url);
    const { page } = window;
    await page.goto(served.url);
    await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor();
    await expectAccessible(page);
    await page.goto(link);
    await page.reload(); // a fragment alone loads nothing
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(page.url()).not.toContain('sign-in');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor();
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByText('no valid link').waitFor();
    expect(window.complaints).toEqual([]);
  });

  test('is accessible on every page', async () => {
    await using window = await open('overview');
    for (const route of PAGES) {
      await go(window.page, route);
      await expectAccessible(window.page);
    }
    expect(window.complaints).toEqual([]);
  });

  test('has enough contrast in the dark on every page, by the system or by the switch', async () => {
    await using window = await open('overview');
    await window.page.getByText('Dark', { exact: true }).click();
    for (const route of PAGES) {
      await go(window.page, route);
      await expectAccessible(window.page, 'contrast');
    }
    await using other = await open('overview', { colours: 'dark' });
    const background = 'getComputedStyle(document.body).backgroundColor';
    expect(await other.page.evaluate(background)).toBe(await window.page.evaluate(background));
    expect(window.complaints).toEqual([]);
  });

  test('fits a window 360 wide, where the menu opens and closes', async () => {
    await using window = await open('overview', { width: 360, height: 740 });
    for (const route of PAGES) {
      await go(window.page, route);
      await expectFits(window.page);
    }
    await window.page.getByRole('button', { name: 'Menu' }).click();
    await film(window.page, 'narrow-menu');
    await window.page.getByRole('link', { name: 'Tools' }).click();
    await window.page.getByRole('heading', { name: 'Tools', exact: true }).waitFor();
    await window.page.getByRole('link', { name: 'Policy' }).waitFor({ state: 'hidden' });
    expect(window.complaints).toEqual([]);
  });

  test('calls a tool by the form of its schema, shows what came, and the call among the calls', async () => {
    await using window = await open('tools/everything__get-sum');
    const { page } = window;
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText('2 things are to be mended').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('field-a');
    await page.getByLabel(/^a/).fill('17');
    await page.getByLabel(/^b/).fill('25.5');
    await page.keyboard.press('Enter');
    const result = page.getByRole('region', { name: 'Result' });
    await result.getByText('42.5').waitFor();
    await film(page, 'tool-result');
    await result.getByRole('button', { name: 'JSON', exact: true }).click();
    await result.getByText('"content"').waitFor();
    await result.getByRole('link', { name: 'Its phases' }).click();
    await page.getByRole('heading', { name: 'Where the time went' }).waitFor();
    await page.getByText('the server', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Calls' }).first().click();
    await page.getByRole('link', { name: 'everything__get-sum' }).first().waitFor();
    expect(window.complaints).toEqual([]);
  });

  test('shows a picture that a tool answers with', async () => {
    await using window = await open('tools/everything__get-tiny-image');
    await window.page.getByRole('button', { name: 'Call', exact: true }).click();
    const picture = window.page.getByRole('img', { name: 'What the tool answered with' });
    await picture.waitFor();
    expect(await window.page.evaluate('document.querySelector("img").naturalWidth')).toBeGreaterThan(0);
    await film(window.page, 'tool-picture');
    expect(window.complaints).toEqual([]);
  });

  test('shows calls of clients while they are made', async () => {
    await using window = await open('calls?tool=get-env');
    await using client = await connect(served.mcp);
    await window.page.getByText('No call is like that').waitFor();
    await client.callTool({ name: 'everything__echo', arguments: { message: 'x' } });
    await client.callTool({ name: 'everything__get-env', arguments: {} });
    await window.page.getByRole('link', { name: 'everything__get-env' }).waitFor();
    expect(await window.page.locator('tbody tr').count()).toBe(1);
    await window.page.getByLabel('Look in').selectOption('Audit log');
    await window.page.getByRole('heading', { name: 'From the audit log' }).waitFor();
    await window.page.getByRole('link', { name: 'everything__get-env' }).waitFor();
  });

  test('shows where data may go after it was read, and why', async () => {
    await using client = await connect(served.mcp, 'legacy');
    await client.callTool({ name: 'files__read_text_file', arguments: { path: `${served.folder}/private/diary.txt` } });
    await client.callTool({ name: 'public__create_entities', arguments: { entities: [] } });
    await using window = await open('policy');
    const { page } = window;
    await page
      .getByRole('row', { name: /private:files/ })
      .first()
      .waitFor();
    await page
      .getByRole('cell', { name: /^may not write: it may not hold private:files/ })
      .first()
      .waitFor();
    await film(page, 'policy');
    await page.getByRole('link', { name: 'create_entities' }).first().click();
    await page.getByText('For another outcome').waitFor();
    await film(page, 'decision');
    expect(window.complaints).toEqual([]);
  });

  test('tries calls in one session, each with its decision', async () => {
    await using window = await open('policy');
    const { page } = window;
    await page.getByLabel('Tool', { exact: true }).fill('files__read_text_file');
    await page.getByLabel('Arguments as JSON').fill(JSON.stringify({ path: `${served.folder}/private/diary.txt` }));
    await page.getByRole('button', { name: 'Add a call' }).click();
    await page.getByLabel('Tool', { exact: true }).nth(1).fill('public__read_graph');
    await page.getByRole('button', { name: 'Make the calls' }).click();
    const second = page
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { name: 'Call 2: public__read_graph' }) });
    await second.getByText('denied', { exact: true }).first().waitFor();
    expect(window.complaints).toEqual([]);
  });

  test('is walked by keyboard alone: past the navigation, to a server, through a question and back', async () => {
    await using window = await open('overview');
    const { page } = window;
    const focused = (): Promise<string> => page.evaluate<string>('document.activeElement.innerText ?? ""');
    const tabTo = async (words: string): Promise<void> => {
      for (let presses = 0; presses < 80; presses++) {
        await page.keyboard.press('Tab');
        if ((await focused()).trim() === words) return;
      }
      throw new Error(`Tab never comes to "${words}"`);
    };
    await page.keyboard.press('Tab');
    await expect.poll(focused).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('main');
    await tabTo('everything');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'everything', level: 1 }).waitFor();
    await expect.poll(focused).toBe('everything');
    await tabTo('Restart');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('Restart');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo('Restart');
    await page.keyboard.press('Enter');
    await page.getByText('It is started anew').waitFor();
    await expect.poll(focused).toBe('Restart');
    await page.getByText('running', { exact: true }).first().waitFor();
  });

  test('has every page reached, and every control of it, by the keyboard alone', async () => {
    await using window = await open('overview');
    const { page } = window;
    const count = await page.evaluate<number>(NAVIGATION);
    expect(count).toBeGreaterThan(8);
    for (let link = 0; link < count; link++) {
      await page.evaluate(`window.linkWanted = ${link}`);
      await page.evaluate('document.activeElement.blur()');
      for (let presses = 0; !(await page.evaluate<boolean>(IS_WANTED)); presses++) {
        if (presses > 200) throw new Error(`Tab never comes to link ${link} of the navigation`);
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
      await expect.poll(() => page.evaluate(IS_WANTED_PAGE)).toBe(true);
      await page.locator('.page > :nth-child(2):not(.skeleton)').waitFor();
      await expect.poll(() => page.locator('.skeleton').count()).toBe(0);
    }
    for (const route of PAGES) {
      await go(page, route);
      const stops = await page.evaluate<number>(MARK_STOPS);
      // A field for a time takes several, and the first may begin in the middle.
      const unreached = () => page.evaluate<readonly string[]>(UNREACHED);
      for (let presses = 0; presses < 2 * stops + 40 && (await unreached()).length > 0; presses += 10)
        for (let press = 0; press < 10; press++) await page.keyboard.press('Tab');
      expect(await unreached(), route).toEqual([]);
    }
    expect(window.complaints).toEqual([]);
  });

  test('shows texts of a hostile server as texts', async () => {
    await using window = await open('servers/hostile');
    const { page } = window;
    const markup = '<img src=x onerror="alert(1)"><script>alert(1)</script>';
    await page.getByRole('group', { name: 'Lines written to stderr' }).getByText(markup).waitFor();
    await go(page, 'tools/hostile__evil');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    const result = page.getByRole('region', { name: 'Result' });
    await result.getByText(markup).first().waitFor();
    expect(await page.locator('main img, main script, main a[href^="javascript"]').count()).toBe(0);
    for (const route of ['servers', 'calls', 'overview']) await go(page, route);
    expect(window.complaints).toEqual([]);
  });

  test('says why a server does not start, and what to do', async () => {
    await using window = await open('overview');
    await window.page.locator('.uplot').nth(3).waitFor();
    await window.page.getByText('DATABASE_URL is missing').first().waitFor();
    await window.page.getByRole('link', { name: 'Look at broken' }).click();
    await window.page
      .getByRole('group', { name: 'Lines written to stderr' })
      .getByText('DATABASE_URL')
      .first()
      .waitFor();
    expect(window.complaints).toEqual([]);
  });

  test('writes a changed configuration after it was checked and confirmed, and serves what it names', async () => {
    await using window = await open('configuration');
    const { page } = window;
    const area = page.getByLabel(/Text of the file/);
    const before = JSON.parse(await area.inputValue());
    const after = { ...before, mcpServers: { ...before.mcpServers, second: before.mcpServers.public } };
    await area.fill(JSON.stringify(after, null, 2));
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('Servers added').waitFor();
    await page.getByRole('button', { name: 'Apply…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await page.getByText('The file as it was lies at').waitFor();
    expect(await served.configuration()).toContain('"second"');
    await go(page, 'servers/second');
    await page.getByText('running', { exact: true }).first().waitFor();
    expect(window.complaints).toEqual([]);
  });
});
