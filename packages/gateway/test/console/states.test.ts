import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, DecisionFacts } from '../../src/console/api.ts';
import { expectAccessible, expectFits, film, noBrowser, openBrowser } from './browser.ts';
import { MADE_NOW, madeCall, madeDetail, madeOverview, madeTool, madeUpstream, operator } from './made-data.ts';
import type { MadeAnswers } from './made-gateway.ts';
import { openMade } from './made-window.ts';

// The console against answers that a test makes up: states that a real gateway is seldom in.

const LONG = 'the_department_of_quarterly_reports_and_other_very_long_names_00';
/** Turns around what follows it, until the end of the line. */
const TURNING = '\u202E';
const HOSTILE = `<img src=x onerror="alert('run')"><script>alert('run')</script>`;

let browser: Browser;
beforeAll(async () => {
  if (noBrowser === undefined) browser = await openBrowser();
});
afterAll(() => browser?.close());

describe.skipIf(noBrowser !== undefined)('the console', () => {
  test.each([
    ['overview', 'Nothing is served yet'],
    ['servers', 'Nothing is served yet'],
    ['tools', 'No tools are served'],
    ['calls', 'No calls yet'],
    ['policy', 'No server has a guard, a policy or a call limit'],
    ['approvals', 'No call waits'],
    ['access', 'There are no roles'],
    ['pins', 'Whatever a server says of its tools is served'],
  ])('says on %s what to do where there is nothing', async (route, words) => {
    await using opened = await openMade(browser, {}, route);
    await opened.page.getByText(words).first().waitFor();
    expect(opened.window.complaints).toEqual([]);
    if (route !== 'overview') return;
    await film(opened.page, 'empty');
    await expectAccessible(opened.page);
  });

  test('shows servers in trouble first, with reason and remedy', async () => {
    const upstreams = [
      madeUpstream('files', { guard: 'paths' }),
      madeUpstream('textkit', {
        kind: 'plugin',
        transport: 'wasm',
        tools: 4,
        actions: ['reload', 'rollback', 'disable'],
      }),
      madeUpstream('github', {
        state: 'closed',
        transport: 'http',
        reason: 'https://api.example.com/mcp answers 401: the token is refused',
        tools: 0,
        restarts: 5,
      }),
      madeUpstream('postgres', {
        state: 'restarting',
        reason: 'ended with exit code 1, 3 s after its start',
        restarts: 12,
      }),
      madeUpstream('slow', { state: 'starting', tools: 0 }),
      madeUpstream('mail', { state: 'disabled', disabledBy: 'console', actions: ['enable'] }),
    ];
    const attention = [
      {
        severity: 'error',
        subject: 'github',
        message: 'it refuses the token',
        remedy: 'Set GITHUB_TOKEN to a token that is valid, and restart it.',
      },
      {
        severity: 'warning',
        subject: 'postgres',
        message: 'it has ended 12 times',
        remedy: 'Look at its last lines on stderr; DATABASE_URL may be missing.',
      },
    ] as const;
    const answers = {
      'GET overview': () => madeOverview(upstreams, { attention }),
      'GET upstreams/postgres': () =>
        madeDetail(upstreams[3] as (typeof upstreams)[0], {
          stderr: [
            { time: MADE_NOW - 4_000, text: 'postgres-mcp 0.6.2 starting' },
            { time: MADE_NOW - 3_800, text: 'Error: connect ECONNREFUSED 127.0.0.1:5432' },
            { time: MADE_NOW - 3_700, text: '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)' },
          ],
          log: [
            { id: 1, time: MADE_NOW - 5_000, level: 'info', message: 'server starts', fields: { server: 'postgres' } },
            {
              id: 2,
              time: MADE_NOW - 3_600,
              level: 'warn',
              message: 'server ended',
              fields: { server: 'postgres', code: 1 },
            },
          ],
        }),
    };
    await using opened = await openMade(browser, answers, 'overview');
    await opened.page.getByText('Set GITHUB_TOKEN').waitFor();
    await opened.page.locator('.uplot').nth(3).waitFor();
    await film(opened.page, 'overview');
    await opened.page.getByRole('link', { name: 'Servers and plugins' }).first().click();
    await opened.page.getByRole('row').nth(1).waitFor();
    const names = await opened.page.locator('tbody tr td:first-child a').allTextContents();
    expect(names).toEqual(['github', 'postgres', 'files', 'mail', 'slow', 'textkit']);
    await film(opened.page, 'servers-errors');
    await opened.page.getByRole('link', { name: 'postgres', exact: true }).click();
    await opened.page.getByText('ECONNREFUSED').waitFor();
    await film(opened.page, 'server');
    await expectAccessible(opened.page);
    expect(opened.window.complaints).toEqual([]);
  });

  test('keeps 200 servers and 2,000 tools usable', async () => {
    const upstreams = Array.from({ length: 200 }, (_, index) => madeUpstream(`server-${index + 1}`));
    const tools = upstreams.flatMap(({ name }) =>
      Array.from({ length: 10 }, (_, index) => madeTool(name, `tool_${index + 1}`)),
    );
    await using opened = await openMade(
      browser,
      { 'GET overview': () => madeOverview(upstreams), 'GET tools': () => ({ tools }) },
      'servers',
    );
    const { page, gateway } = opened;
    await page.getByRole('heading', { name: '200 entries' }).waitFor();
    expect(await page.locator('tbody tr').count()).toBe(200);
    await film(page, 'servers-200');
    await expect.poll(() => gateway.hears('upstream')).toBe(true);
    gateway.send('upstream', madeUpstream('server-77', { state: 'restarting', reason: 'it ended' }));
    await expect.poll(() => page.locator('tbody tr').first().textContent()).toContain('server-77');
    await page.getByLabel('Name contains').fill('server-19');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(11);
    await page.goto(`${gateway.url}#/tools`);
    await page.getByRole('button', { name: 'Show 1,750 more' }).click();
    expect(await page.locator('.pick a').count()).toBe(2_000);
    await page.getByLabel('Search').fill('server-200 tool_7');
    await expect.poll(() => page.locator('.pick a').count()).toBe(1);
    expect(opened.window.complaints).toEqual([]);
  });

  const FILMED: Readonly<Record<string, string>> = {
    [`1280 tools/${LONG}__report`]: 'long-names',
    '360 servers': 'narrow-servers',
  };

  test.each([1280, 360])('keeps long names inside a window %d wide', async (width) => {
    const upstream = madeUpstream(LONG, { reason: `cannot start ${'/a/very/long/path'.repeat(5)}`, state: 'closed' });
    const tool = madeTool(LONG, 'report', {
      title: `Read the whole report of the department of quarterly reports, named ${'and_other_names_'.repeat(12)}`,
      description: `Says what the department has done in a quarter, with all of its figures. ${'x'.repeat(120)}`,
      inputSchema: {
        type: 'object',
        properties: {
          [`a_name_${'that_goes_on_'.repeat(9)}`]: {
            type: 'string',
            description: 'Which part of the report is wanted, by its long name. '.repeat(3),
          },
        },
      },
    });
    const call = madeCall(1, {
      target: tool.name,
      server: LONG,
      principal: 'a-service-account-of-another-department@example.com',
      reason: 'r'.repeat(60),
    });
    const answers = {
      'GET session': () => ({ ...operator, name: 'n'.repeat(100) }),
      'GET overview': () =>
        madeOverview([upstream], {
          attention: [{ severity: 'error', subject: LONG, message: 'm'.repeat(200), remedy: 'r'.repeat(200) }],
        }),
      [`GET upstreams/${LONG}`]: () => madeDetail(upstream, { stderr: [{ time: MADE_NOW, text: 'z'.repeat(500) }] }),
      'GET tools': () => ({ tools: [tool] }),
      'GET calls': () => ({ calls: [call], hasLog: true }),
      'GET calls/1': () => ({ ...call, phases: [{ name: 'route', startMs: 0, durationMs: 1 }] }),
    } satisfies MadeAnswers;
    await using opened = await openMade(browser, answers, 'overview', { width });
    for (const route of [
      'overview',
      'servers',
      `servers/${LONG}`,
      `tools/${tool.name}`,
      'calls',
      'calls/1',
      'policy',
      'configuration',
    ]) {
      await opened.page.goto(`${opened.gateway.url}#/${route}`);
      await opened.page.locator('.page > :nth-child(2):not(.skeleton)').waitFor();
      await expectFits(opened.page);
      const name = FILMED[`${width} ${route}`];
      if (name !== undefined) await film(opened.page, name);
    }
    expect(opened.window.complaints).toEqual([]);
  });

  test('shows texts of others as texts: nothing in names, descriptions, lines or results runs or leads astray', async () => {
    const upstream = madeUpstream('evil', { reason: HOSTILE, state: 'restarting' });
    const tool = madeTool('evil', HOSTILE, {
      name: `evil__${HOSTILE}`,
      title: HOSTILE,
      description: HOSTILE,
      inputSchema: {
        type: 'object',
        properties: { [HOSTILE]: { type: 'string', title: HOSTILE, description: HOSTILE, enum: [HOSTILE] } },
      },
    });
    const content = [
      { type: 'text', text: HOSTILE },
      { type: 'resource_link', uri: `javascript:alert('run')`, name: HOSTILE },
      { type: 'resource_link', uri: 'https://example.com/a', name: 'a page' },
      {
        type: 'image',
        mimeType: 'image/svg+xml',
        data: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`).toString('base64'),
      },
      { type: 'image', mimeType: `image/png" onerror="alert('run')`, data: 'AAAA' },
      { type: 'image', mimeType: 'image/png', data: `"><script>alert('run')</script>` },
      { type: 'resource', resource: { uri: 'data:text/html,<script>alert(1)</script>', text: HOSTILE } },
      { type: HOSTILE },
    ];
    const answers = {
      'GET overview': () =>
        madeOverview([upstream], {
          attention: [{ severity: 'error', subject: 'evil', message: HOSTILE, remedy: HOSTILE }],
        }),
      'GET upstreams/evil': () =>
        madeDetail(upstream, {
          stderr: [{ time: MADE_NOW, text: HOSTILE }],
          log: [{ id: 1, time: MADE_NOW, level: 'info', message: HOSTILE, fields: { [HOSTILE]: HOSTILE } }],
          serverInfo: { name: HOSTILE },
          instructions: HOSTILE,
        }),
      'GET tools': () => ({ tools: [tool] }),
      'POST call': () => ({
        result: { content, structuredContent: { [HOSTILE]: HOSTILE } },
        durationMs: 3,
        call: HOSTILE,
      }),
    } satisfies MadeAnswers;
    await using opened = await openMade(browser, answers, 'overview');
    const { page } = opened;
    await page.getByText(HOSTILE).first().waitFor();
    await page.goto(`${opened.gateway.url}#/servers/evil`);
    await page.getByText(HOSTILE).nth(3).waitFor();
    await page.goto(`${opened.gateway.url}#/tools/${encodeURIComponent(tool.name)}`);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('heading', { name: 'Result', exact: true }).waitFor();
    const result = page.getByRole('region', { name: 'Result', exact: true });
    expect(await result.locator('img, script, iframe').count()).toBe(0);
    const links = await result
      .locator('a[target]')
      .evaluateAll((all) => all.map((link) => [link.getAttribute('href'), link.getAttribute('rel')]));
    expect(links).toEqual([['https://example.com/a', 'noopener noreferrer nofollow']]);
    expect(opened.window.complaints).toEqual([]);
  });

  test('shows what would turn around the text after it as a sign that is none', async () => {
    const upstream = madeUpstream('evil');
    const tool = madeTool('evil', 'report', { description: `Opens report${TURNING}fdp.exe` });
    await using opened = await openMade(
      browser,
      { 'GET overview': () => madeOverview([upstream]), 'GET tools': () => ({ tools: [tool] }) },
      `tools/${tool.name}`,
    );
    await opened.page.getByText('Opens report\uFFFDfdp.exe').first().waitFor();
    expect(await opened.page.locator('body').textContent()).not.toContain(TURNING);
  });

  test('shows a call with its phases, and what the monitor decided of it', async () => {
    const labels = { secrecy: ['private:files'], integrity: [] };
    const decision: DecisionFacts = {
      id: 'd1',
      time: MADE_NOW,
      principal: 'ada',
      server: 'files',
      tool: 'read_text_file',
      mode: 'filter',
      verdict: 'filtered',
      operation: 'read',
      agent: { secrecy: [], integrity: [] },
      agentAfter: { secrecy: [], integrity: [] },
      resource: labels,
      withheld: 2,
      total: 7,
      phaseMs: { label_agent: 0.4, label_resource: 0.6, backend: 18, label_response: 2.2 },
    };
    const verdicts = ['ok', 'filtered', 'denied', 'error', 'ok', 'cancelled', 'ok', 'ok'] as const;
    let calls: readonly Call[] = verdicts.map((verdict, index) => madeCall(index + 1, { verdict }));
    const { verdict, durationMs, ...running } = madeCall(0, {
      isRunning: true,
      target: 'files__search',
      startedAt: MADE_NOW - 4_000,
    });
    calls = [running, ...calls];
    const phases = [
      { name: 'route', startMs: 0, durationMs: 0.3 },
      { name: 'label_agent', startMs: 0.4, durationMs: 0.4 },
      { name: 'label_resource', startMs: 0.9, durationMs: 0.6 },
      { name: 'backend', startMs: 1.6, durationMs: 18 },
      { name: 'label_response', startMs: 19.7, durationMs: 2.2 },
    ] as const;
    const answers = {
      'GET overview': () => madeOverview([madeUpstream('files', { guard: 'paths' })]),
      'GET calls': () => ({ calls, hasLog: true }),
      'GET calls/2': () => ({ ...madeCall(2, { verdict: 'filtered', durationMs: 22.1 }), phases, decision }),
      'POST policy/explain': () => ({
        decision,
        steps: [
          { title: 'Who asks', text: 'ada carries no tags.' },
          { title: 'What is asked', text: 'The guard labels what is read with private:files.' },
          {
            title: 'May it flow',
            text: '2 of 7 parts carry private:files, which ada may not hold, so they are withheld.',
          },
        ],
        remedy: 'A policy that gives ada the tag private:files.',
      }),
    } satisfies MadeAnswers;
    await using opened = await openMade(browser, answers, 'calls', { colours: 'dark' });
    const { page, gateway } = opened;
    await film(page, 'calls-dark');
    await expectAccessible(page, 'contrast');
    await expect.poll(() => gateway.hears('call')).toBe(true);
    const news = [madeCall(99, { target: 'files__new' }), madeCall(0, { target: 'files__search', durationMs: 4_100 })];
    calls = [...news, ...calls.slice(1)];
    for (const call of news) gateway.send('call', call);
    await expect.poll(() => page.locator('tbody tr').first().textContent()).toContain('files__new');
    expect(await page.locator('tbody tr').nth(1).textContent()).toContain('4.10 s');
    await page.locator('tbody tr').nth(3).getByRole('link').click();
    await page.getByRole('heading', { name: 'Where the time went' }).waitFor();
    await film(page, 'call-dark');
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Explain this decision' }).click();
    await page.getByText('For another outcome').waitFor();
    await expectAccessible(page, 'contrast');
    expect(opened.window.complaints).toEqual([]);
  });
});
