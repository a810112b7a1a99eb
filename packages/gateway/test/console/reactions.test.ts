import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, film, noBrowser, openBrowser, openWindow } from './browser.ts';
import { emptyPolicy, madeCall, madeDetail, madeOverview, madeTool, madeUpstream, operator } from './made-data.ts';
import { type MadeAnswers, MadeFailure, serveMade } from './made-gateway.ts';
import { none, openMade } from './made-window.ts';

// What the console does when the gateway says no, goes away, or is about to be changed.

let browser: Browser;
beforeAll(async () => {
  if (noBrowser === undefined) browser = await openBrowser();
});
afterAll(() => browser?.close());

describe.skipIf(noBrowser !== undefined)('the console', () => {
  test('lets a viewer see every control, and says why it does nothing', async () => {
    const upstream = madeUpstream('files');
    const answers = {
      'GET session': () => ({ ...operator, role: 'viewer' }),
      'GET overview': () => madeOverview([upstream]),
      'GET upstreams/files': () => madeDetail(upstream),
      'GET tools': () => ({ tools: [madeTool('files', 'list')] }),
    } satisfies MadeAnswers;
    await using opened = await openMade(browser, answers, 'servers/files');
    const { page, gateway } = opened;
    const restart = page.getByRole('button', { name: 'Restart' });
    await restart.click({ force: true });
    expect(await restart.getAttribute('aria-disabled')).toBe('true');
    expect(await restart.getAttribute('title')).toContain('viewer');
    await page.goto(`${gateway.url}#/tools/files__list`);
    await page.getByRole('button', { name: 'Call', exact: true }).click({ force: true });
    await expectAccessible(page);
    expect(gateway.asked.filter((what) => !what.startsWith('GET '))).toEqual([]);
  });

  test('tells what the gateway says is wrong, and asks again when it is told to', async () => {
    let isBroken = true;
    const answers: MadeAnswers = {
      'GET policy': () =>
        isBroken
          ? new MadeFailure(503, {
              code: 'NOT_AVAILABLE',
              message: 'The gateway is closing.',
              remedy: 'Start it again.',
            })
          : emptyPolicy,
    };
    await using opened = await openMade(browser, answers, 'policy');
    const { page } = opened;
    await page.getByText('Start it again.').waitFor();
    isBroken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Nothing is labelled' }).waitFor();
  });

  test('says that it is not live while the stream is broken, and catches up after it', async () => {
    let many = 3;
    const answers: MadeAnswers = {
      'GET overview': () => madeOverview([], { totals: { calls: many, errors: 0, withheld: 0, denied: 0 } }),
    };
    await using opened = await openMade(browser, answers, 'overview');
    const { page, gateway } = opened;
    await page.getByText('Live', { exact: true }).waitFor();
    many = 77;
    gateway.cut();
    await page.getByText('Not live').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('77', { exact: true }).waitFor();
  });

  test('keeps a call that ends while the list is asked for again, though the answer does not have it', async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    let isSecond = false;
    let isOpen = false;
    const answers: MadeAnswers = {
      'GET calls': async () => {
        if (!isSecond) return { calls: [], hasLog: true };
        if (isOpen) return new Promise(() => {});
        asked.resolve();
        await gate.promise;
        return { calls: [madeCall(3, { target: 'files__old' })], hasLog: true };
      },
    };
    await using opened = await openMade(browser, answers, 'calls');
    const { page, gateway } = opened;
    await page.getByText('No calls yet').waitFor();
    await expect.poll(() => gateway.hears('call')).toBe(true);
    isSecond = true;
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
    await asked.promise;
    gateway.send('call', madeCall(7, { target: 'files__new' }));
    await page.getByText('files__new').waitFor();
    isOpen = true;
    gate.resolve();
    await page.getByText('files__old').waitFor();
    expect(await page.getByText('files__new').count()).toBe(1);
  });

  test('shows the way in once the session has ended', async () => {
    let isOver = false;
    const over = () => new MadeFailure(401, { code: 'NOT_SIGNED_IN', message: 'You are not signed in.' });
    await using opened = await openMade(browser, { 'GET policy': () => (isOver ? over() : emptyPolicy) }, 'servers');
    isOver = true;
    await opened.page.getByRole('link', { name: 'Policy' }).click();
    await opened.page.getByRole('heading', { name: 'Sign in to the console' }).waitFor();
  });

  test('takes the token of a link out of the address before it does anything else', async () => {
    const tokens: unknown[] = [];
    await using gateway = await serveMade({ ...none, 'POST session': (body) => tokens.push(body) && operator });
    await using window = await openWindow(browser, gateway.url);
    await window.page.goto(`${gateway.url}#sign-in=one-time`);
    await window.page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(tokens).toEqual([{ token: 'one-time' }]);
    expect(window.page.url()).toBe(`${gateway.url}#/overview`);
    expect(await window.page.evaluate('history.length')).toBeLessThanOrEqual(2);
    expect(gateway.asked[0]).toBe('POST session');
  });

  test('shows a changed configuration as a difference before it is applied, and not what was typed since', async () => {
    const applied: unknown[] = [];
    const verdict = {
      isUsable: true,
      problems: [],
      notes: [],
      waitsForRestart: [],
      difference: {
        plugins: { added: [], removed: [], changed: [] },
        guards: { added: [], removed: [], changed: [] },
        roles: { added: [], removed: [], changed: [] },
        profiles: { added: [], removed: [], changed: [] },
        limits: { added: [], removed: [], changed: [] },
        mcpServers: { added: ['weather'], removed: [], changed: ['files'] },
        gateway: [],
      },
    };
    const problem = {
      place: 'mcpServers.files.command',
      message: 'expected a text, got a number; write "1"',
      line: 8,
      column: 18,
    };
    const answers: MadeAnswers = {
      'POST configuration/check': (body) =>
        JSON.stringify(body).includes('"command\\": 1')
          ? { ...verdict, isUsable: false, difference: undefined, problems: [problem] }
          : verdict,
      'PUT configuration': (body) =>
        applied.push(body) && { ...verdict, isApplied: true, backup: '/home/ada/lockgate.json.bak', revision: 'r2' },
    };
    await using opened = await openMade(browser, answers, 'configuration');
    const { page } = opened;
    const area = page.getByLabel(/Text of the file/);
    const before = await area.inputValue();
    const apply = page.getByRole('button', { name: 'Apply…' });
    expect(await apply.getAttribute('title')).toBe('Nothing is changed yet.');

    await area.fill(before.replace('"command": "npx"', '"command": 1'));
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('line 8, column 18').waitFor();
    await film(page, 'configuration-problems');
    await page.getByRole('button', { name: 'Go there' }).click();
    const chosen = 'document.activeElement.value.slice(document.activeElement.selectionStart)';
    expect(await page.evaluate(chosen)).toMatch(/^1,/);

    const after = before
      .replace('"./data"', '"./data", "./more"')
      .replace('"github"', '"weather": { "url": "https://weather.example/mcp" },\n    "github"');
    await area.fill(after);
    expect(await apply.getAttribute('title')).toBe('Check the text first.');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('Servers added').waitFor();
    await page.getByText('Servers added').scrollIntoViewIfNeeded();
    await film(page, 'configuration-difference');
    await expectAccessible(page);
    await apply.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await page.getByText('lies at /home/ada/lockgate.json.bak').waitFor();
    expect(applied).toEqual([{ text: after, revision: 'r1' }]);
    expect(opened.window.complaints).toEqual([]);
  });
});
