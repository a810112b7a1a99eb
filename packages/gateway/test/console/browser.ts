import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const PROGRAM = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync);
const IS_BUILT = existsSync(fileURLToPath(new URL('../../dist/console/main.js', import.meta.url)));

/** Why nothing can be tried in a browser here; undefined where it can. */
export const noBrowser =
  PROGRAM === undefined
    ? 'there is no Chromium here (Debian: apt-get install chromium; or name one in CHROMIUM)'
    : IS_BUILT
      ? undefined
      : 'the console is not built (npm run build)';
if (noBrowser !== undefined) console.warn(`skipped: the console in a browser: ${noBrowser}`);

/** Where pictures of pages go: to the documents, and only on demand, since each run would draw them a little otherwise. */
const FILM = process.env.CONSOLE_FILM
  ? fileURLToPath(new URL('../../../../docs/images/console', import.meta.url))
  : undefined;

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: PROGRAM ?? '',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Watched extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of scripts, of the console and of the content security policy; dialogs; requests to anywhere else. */
  readonly complaints: string[];
}

/** A window of its own that notes everything that no page of the console may do. */
export async function openWindow(
  browser: Browser,
  origin: string,
  {
    state,
    width = 1280,
    height = 860,
    colours = 'light',
  }: {
    state?: Awaited<ReturnType<BrowserContext['storageState']>>;
    width?: number;
    height?: number;
    colours?: 'light' | 'dark';
  } = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: colours,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...(state && { storageState: state }),
  });
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // An answer that is an error is told here too, and is none of the page's.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) complaints.push(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol !== 'data:' && asked !== new URL(origin).origin) complaints.push(`request: ${request.url()}`);
  });
  await page.addInitScript(
    "document.addEventListener('securitypolicyviolation', (event) => console.error('violation of ' + event.violatedDirective))",
  );
  return { context, page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * WCAG 2.2 up to AA, as far as a program can tell.
 *
 * @param rules - `contrast`: only what the colours make a difference to.
 */
export async function expectAccessible(page: Page, rules: 'all' | 'contrast' = 'all'): Promise<void> {
  // There are no frames, so no page of its own is needed to put what was found together, which costs a second.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (rules === 'all' ? axe.withTags(RULES) : axe.withRules('color-contrast')).analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
  );
  expect(found, page.url()).toEqual([]);
}

/** Nothing sticks out sideways: whoever reads on a small screen scrolls in one direction. */
export async function expectFits(page: Page): Promise<void> {
  const [wide, seen] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  expect(wide, `${page.url()} is wider than the window`).toBeLessThanOrEqual(seen);
}

/** Takes a picture of the window, where pictures are wanted. */
export async function film(page: Page, name: string): Promise<void> {
  if (FILM === undefined) return;
  await mkdir(FILM, { recursive: true });
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 82 });
  await writeFile(join(FILM, `${name}.webp`), Buffer.from(data, 'base64'));
  await session.detach();
}
