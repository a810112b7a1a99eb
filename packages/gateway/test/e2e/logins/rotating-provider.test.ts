import { expect, test } from 'vitest';
import { visit } from '../../console/oidc/real-provider.ts';
import { serveRotating } from '../../fixtures/rotating-provider.ts';
import { connect, textOf } from '../clients.ts';
import { Browser, hrefIn, linkIn } from './browser.ts';
import { as, keyOf, loginGateway } from './login-gateway.ts';

/** The whole size, 50 users over ten ends of their tokens, is run by hand: `LOGIN_USERS=50 LOGIN_ENDS=10`. */
const USERS = Number(process.env.LOGIN_USERS ?? 6);
const ENDS = Number(process.env.LOGIN_ENDS ?? 2);
const CALLS = 20;
const LIFE_SECONDS = 2;

test(`${USERS} users with ${CALLS} calls at once over ${ENDS} ends of their tokens lose no login, renew once each time, and are never taken for one another`, async () => {
  await using provider = await serveRotating(LIFE_SECONDS);
  const names = Array.from({ length: USERS }, (_, index) => `user${index}`);
  await using opened = await loginGateway(provider, { names });
  const clients: { readonly name: string; readonly client: Awaited<ReturnType<typeof connect>> }[] = [];
  for (const name of names) {
    const client = await connect(opened.url, 'modern', as(name));
    const link = linkIn(textOf(await client.callTool({ name: 'any__connect', arguments: {} })));
    const browser = new Browser();
    const page = await browser.submit(link, { key: keyOf(name) });
    const back = await visit(hrefIn(page.text) ?? '', name, provider.issuer);
    expect((await browser.open(back.href)).text).toContain('You are logged in');
    clients.push({ name, client });
  }
  let calls = 0;
  const wrong: unknown[] = [];
  for (let end = 0; end < ENDS; end++) {
    const before = new Map(provider.refreshes);
    await expect
      .poll(
        async () => {
          await Promise.all(
            clients.map(async ({ name, client }) => {
              const call = { name: 'any__whoami', arguments: { caller: name } };
              const answers = await Promise.all(Array.from({ length: CALLS }, () => client.callTool(call)));
              calls += CALLS;
              wrong.push(...answers.map(textOf).filter((told) => told !== name));
            }),
          );
          // Until the token of each has been renewed once more.
          const renewed = names.filter((name) => (provider.refreshes.get(name) ?? 0) > (before.get(name) ?? 0));
          return { renewed: renewed.length, wrong: wrong.slice(0, 3), errors: provider.errors };
        },
        { interval: 100, timeout: 120_000 },
      )
      .toEqual({ renewed: USERS, wrong: [], errors: [] });
  }
  const owners = new Map<string, Set<string>>();
  for (const { token, caller, user } of provider.seen) {
    if (caller === undefined) continue;
    expect(user === undefined || user === caller).toBe(true);
    owners.set(token, (owners.get(token) ?? new Set()).add(caller));
  }
  // A search over everything sent: each token came with the calls of one caller.
  expect([...owners.values()].filter((callers) => callers.size > 1)).toEqual([]);
  // One renewal for each token that the server has seen, but the first of each user.
  const renewed = [...provider.refreshes.values()].reduce((sum, count) => sum + count, 0);
  const tokens = new Set(provider.seen.map(({ token }) => token)).size;
  expect(renewed).toBeLessThanOrEqual(tokens);
  process.stdout.write(`${calls} calls, ${renewed} renewals, ${tokens} tokens seen\n`);
  await Promise.all(clients.map(({ client }) => client.close()));
}, 600_000);
