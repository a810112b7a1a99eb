import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, film, noBrowser, openBrowser, openWindow } from '../browser.ts';
import { OpenedConsole } from '../open-console.ts';
import { CLIENT, serveProvider } from './real-provider.ts';
import { oidcConfig } from './sign-in-at.ts';

// Signing in at a provider as people do it: in a browser, with the pages of both.

const FONTS = /https:\/\/fonts\.googleapis\.com\//;

let browser: Browser;

beforeAll(async () => {
  if (noBrowser === undefined) browser = await openBrowser();
});

afterAll(async () => browser?.close());

describe.skipIf(noBrowser !== undefined)('the console with an OpenID provider', () => {
  test('is entered at the provider, comes back to the page that was asked for, and is left at both', async () => {
    await using provider = await serveProvider();
    const config = oidcConfig(provider.issuer, { clientSecret: CLIENT.secret, scopes: ['groups'] });
    await using console = await OpenedConsole.open(config);
    provider.register(`${console.base}/console/signed-in`);
    const { host } = new URL(provider.issuer);
    await using window = await openWindow(browser, console.base);
    const { page } = window;
    // The provider's own page would like a font.
    await window.context.route(FONTS, (route) => route.abort());
    await page.goto(`${console.base}/console/#/calls?tool=sum`);
    await page.getByRole('button', { name: `Sign in with ${host}` }).waitFor();
    await expectAccessible(page);
    await film(page, 'sign-in');
    await page.getByRole('button', { name: `Sign in with ${host}` }).click();
    await page.locator('input[name=login]').fill('olga');
    await page.locator('input[name=password]').fill('any');
    await page.locator('button[type=submit]').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Calls' }).waitFor();
    expect(page.url()).toBe(`${console.base}/console/#/calls?tool=sum`);
    await page.getByText('oidc:olga').waitFor();
    // Neither the session nor what was begun is for scripts, or for other sites.
    const cookies = (await window.context.cookies(console.base)).filter(({ name }) => name.startsWith('lockgate-'));
    expect(cookies.map(({ httpOnly, sameSite }) => [httpOnly, sameSite])).toEqual(cookies.map(() => [true, 'Strict']));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out here').waitFor();
    await expectAccessible(page);
    expect(await page.getByRole('link', { name: 'Sign out there too' }).getAttribute('href')).toBe(
      `${provider.issuer}/session/end?client_id=lockgate`,
    );
    const own = window.complaints.filter(
      (said) => !said.startsWith(`request: ${provider.issuer}/`) && !FONTS.test(said),
    );
    expect(own).toEqual([]);
  });

  test('is entered and left by the keyboard alone', async () => {
    await using provider = await serveProvider();
    const config = oidcConfig(provider.issuer, { clientSecret: CLIENT.secret, scopes: ['groups'] });
    await using console = await OpenedConsole.open(config);
    provider.register(`${console.base}/console/signed-in`);
    await using window = await openWindow(browser, console.base);
    const { page } = window;
    await window.context.route(FONTS, (route) => route.abort());
    const tabTo = async (selector: string): Promise<void> => {
      await page.locator(selector).waitFor();
      for (let presses = 0; presses < 40; presses++) {
        if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab never comes to ${selector}`);
    };
    await page.goto(`${console.base}/console/`);
    await page.getByRole('button', { name: /^Sign in with/ }).waitFor();
    await tabTo('button.primary');
    await page.keyboard.press('Enter');
    await tabTo('input[name=login]');
    await page.keyboard.type('olga');
    await tabTo('input[name=password]');
    await page.keyboard.type('any');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Continue' }).waitFor();
    await tabTo('button[type=submit]');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await tabTo('.side-foot button');
    await page.keyboard.press('Enter');
    await page.getByText('You are signed out here').waitFor();
  });

  test('says what is wrong with an answer, and takes it out of the address', async () => {
    await using provider = await serveProvider();
    await using console = await OpenedConsole.open(oidcConfig(provider.issuer));
    await using window = await openWindow(browser, console.base);
    const { page } = window;
    await page.goto(`${console.base}/console/signed-in?code=stolen&state=guessed`);
    await page.getByText('begun in another browser').waitFor();
    expect(page.url()).toBe(`${console.base}/console/#/overview`);
    await page.getByRole('button', { name: /^Sign in with/ }).click();
    await page.getByText('cannot be asked now').waitFor();
    await expectAccessible(page);
    await film(page, 'sign-in-refused');
    expect(window.complaints).toEqual([]);
  });
});
