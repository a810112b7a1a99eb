import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, film, noBrowser, openBrowser } from './browser.ts';
import type { MadeAnswers } from './made-gateway.ts';
import { openMade } from './made-window.ts';

let browser: Browser;

beforeAll(async () => {
  if (noBrowser === undefined) browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
});

describe.skipIf(noBrowser !== undefined)('the page of pins', () => {
  test('shows what has changed of a tool that is withheld, and approves what is shown', async () => {
    const item = {
      server: 'notes',
      kind: 'tool',
      name: 'add\u200B',
      because: 'changed',
      isOffered: true,
      digest: '1:ab',
      findings: [{ kind: 'hidden characters', text: 'has U+200B, which nobody sees' }],
      before: '{\n  "description": "Adds"\n}',
      after: '{\n  "description": "Steals"\n}',
    } as const;
    const gone = { ...item, name: 'sum', isOffered: false };
    const asked: unknown[] = [];
    const answers: MadeAnswers = {
      'GET pins': () => ({ mode: 'first-use', file: '/x/pins.json', pinned: 4, withheld: [item, gone] }),
      'POST pins/approve': (body) => {
        asked.push(body);
        return { mode: 'first-use', file: '/x/pins.json', pinned: 5, withheld: [gone] };
      },
      'POST pins/forget': (body) => {
        asked.push(body);
        return { mode: 'first-use', file: '/x/pins.json', pinned: 5, withheld: [] };
      },
    };
    await using opened = await openMade(browser, answers, 'pins');
    const { page } = opened;
    await page.getByRole('heading', { name: 'notes: tool add\\u{200B}' }).waitFor();
    await page.getByText('- "description": "Adds"').or(page.getByText('Steals')).first().waitFor();
    await film(page, 'pins');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Approve' }).first().click();
    await page.getByText('5 items approved').waitFor();
    // What some callers alone are offered can be approved as well.
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(1);
    const { server, kind, name, digest } = item;
    await page.getByText('does not offer it to everybody').waitFor();
    await page.getByRole('button', { name: 'Forget' }).click();
    await page.getByText('does not offer it to everybody').waitFor({ state: 'detached' });
    expect(asked).toEqual([{ items: [{ server, kind, name, digest }] }, { items: [{ server, kind, name: 'sum' }] }]);
    expect(opened.window.complaints).toEqual([]);
  });
});

test.skipIf(noBrowser !== undefined)(
  'the page of approvals shows the arguments of a call, and what was decided',
  async () => {
    const one = {
      id: 'a-b',
      principal: 'ci',
      client: 'claude',
      server: 'bank',
      tool: 'transfer',
      arguments: '{"amount":100}',
      leaving: ['private:books'],
      argumentsDigest: 'x',
      expiresInMs: 1_000,
    };
    let state = 'waiting';
    const answers: MadeAnswers = {
      'GET approvals': () => ({ approvals: [{ ...one, state }] }),
      'POST approvals/a-b/deny': () => {
        state = 'denied';
        return { ...one, state };
      },
    };
    await using opened = await openMade(browser, answers, 'approvals');
    const { page } = opened;
    await page.getByText('{"amount":100}').waitFor();
    await page.getByText('With it goes what was read of private:books.').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('It is denied.').waitFor();
    expect(opened.window.complaints).toEqual([]);
  },
);
