import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Access, AccessRole } from '../../src/console/api.ts';
import { expectAccessible, expectFits, film, noBrowser, openBrowser } from './browser.ts';
import { openMade } from './made-window.ts';

let browser: Browser;
beforeAll(async () => {
  if (noBrowser === undefined) browser = await openBrowser();
});
afterAll(() => browser?.close());

const NOTHING = { allow: [], deny: [] };

function madeRole(name: string, more: Partial<AccessRole> = {}): AccessRole {
  const tools = { allow: ['github/get_*', 'notes/*'], deny: ['*/delete_*'] };
  return { name, tools, resources: NOTHING, prompts: NOTHING, profiles: [], of: [], ...more };
}

const made: Access = {
  isOpen: false,
  principals: [
    { name: 'ci', what: 'an API key', roles: ['reader'] },
    { name: 'bot', what: 'an API key', roles: ['reader', 'writer'] },
    { name: 'editor', what: 'an API key', profile: 'coding', servers: ['github', 'files'] },
    { name: 'olga', what: 'an API key', admin: 'operator' },
    { name: 'claim:staff', what: 'a token whose "groups" holds staff', roles: ['reader'] },
    { name: 'stdio', what: 'whoever starts the gateway with --stdio' },
  ],
  roles: [
    madeRole('reader', {
      of: ['ci', 'bot', 'claim:staff'],
      resources: { allow: ['notes/file:///home/*'], deny: [] },
      tools: { allow: ['github/get_*', 'notes/*'], deny: [] },
    }),
    madeRole('writer', { of: ['bot'], profiles: ['coding'] }),
  ],
  profiles: [
    {
      name: 'coding',
      path: '/mcp/@coding',
      servers: ['github', 'files'],
      tools: { allow: ['*'], deny: ['*/delete_*'] },
      resources: { allow: ['*'], deny: [] },
      prompts: { allow: ['*'], deny: [] },
      discovery: 'search',
      limits: ['editor'],
      roles: ['writer'],
    },
  ],
};

describe.skipIf(noBrowser !== undefined)('the page of keys and roles', () => {
  test.each(['light', 'dark'] as const)(
    'says who may use what and why, by keyboard alone, in %s colours',
    async (colours) => {
      const asked: unknown[] = [];
      const answers = {
        'GET access': () => made,
        'POST access/explain': (body: unknown) => {
          asked.push(body);
          const text = 'bot may not use the tool "delete_repo" of "github"';
          return {
            allowed: false,
            text,
            place: 'roles.writer.tools.deny[0]',
            because: 'this denies it, whatever allows it',
          };
        },
      };
      await using opened = await openMade(browser, answers, 'access', { colours });
      const { page } = opened;
      await page.getByRole('heading', { name: '2 roles' }).waitFor();
      await page.getByLabel('May', { exact: true }).focus();
      await page.keyboard.type('bot');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.type('github/delete_repo');
      await page.keyboard.press('Enter');
      await page.getByText('roles.writer.tools.deny[0]').waitFor();
      expect(asked).toEqual([{ principal: 'bot', kind: 'tool', item: 'github/delete_repo' }]);
      await film(page, colours === 'light' ? 'access' : 'access-dark');
      await expectAccessible(page);
      await page.getByRole('link', { name: 'writer' }).focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => page.getByRole('region', { name: 'Roles' }).locator('tbody tr').count()).toBe(1);
      expect(await page.getByLabel('Name contains').inputValue()).toBe('writer');
      expect(opened.window.complaints).toEqual([]);
    },
  );

  test('keeps 200 roles usable', async () => {
    const roles = Array.from({ length: 200 }, (_, index) =>
      madeRole(`role-${index + 1}`, { of: [`key-${index + 1}`] }),
    );
    const principals = roles.map(({ name, of }) => ({ name: of[0] ?? '', what: 'an API key', roles: [name] }));
    const answers = { 'GET access': () => ({ ...made, roles, principals }) };
    await using opened = await openMade(browser, answers, 'access');
    const { page } = opened;
    await page.getByRole('heading', { name: '200 roles' }).waitFor();
    await page.getByLabel('Name contains').fill('role-19');
    const rows = page.getByRole('region', { name: 'Roles' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(11);
    expect(page.url()).toContain('role=role-19');
    await page.getByLabel('Name contains').fill('nobody');
    await page.getByText('No role has such a name').waitFor();
    await expectAccessible(page);
    expect(opened.window.complaints).toEqual([]);
  });

  test.each([1280, 360])('keeps long names inside a window %d wide', async (width) => {
    const long = `a-name-${'that-goes-on-'.repeat(9)}`;
    const role = madeRole(long, {
      of: [long],
      profiles: [long],
      tools: { allow: [`${long}/${long}`], deny: [`${long}/*`] },
    });
    const [profile] = made.profiles;
    const answers = {
      'GET access': () => ({
        ...made,
        principals: [{ name: long, what: 'an API key', roles: [long], profile: long, servers: [long] }],
        roles: [role],
        profiles: [{ ...profile, name: long, path: `/mcp/@${long}`, servers: [long], limits: [long], roles: [long] }],
      }),
      'POST access/explain': () => ({
        allowed: true,
        text: `${long} may use the tool "${long}" of "${long}"`,
        place: `roles.${long}.tools.allow[0]`,
        because: 'this allows it',
      }),
    };
    await using opened = await openMade(browser, answers, 'access', { width });
    const { page } = opened;
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('this allows it').waitFor();
    await expectFits(page);
    expect(opened.window.complaints).toEqual([]);
  });
});
