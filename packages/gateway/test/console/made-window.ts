import type { Browser, Page } from 'playwright-core';
import type { Access, ApprovalList, CallList, PinReport, ToolList } from '../../src/console/api.ts';
import { openWindow, type Watched } from './browser.ts';
import { emptyPolicy, MADE_NOW, madeConfiguration, madeOverview, operator } from './made-data.ts';
import { type MadeAnswers, type MadeGateway, serveMade } from './made-gateway.ts';

/** A gateway that serves nothing. */
export const none: MadeAnswers = {
  'GET session': () => operator,
  'GET overview': () =>
    madeOverview([], { ticks: [], totals: { calls: 0, errors: 0, withheld: 0, denied: 0 }, sessions: 0, running: 0 }),
  'GET tools': () => ({ tools: [] }) satisfies ToolList,
  'GET calls': () => ({ calls: [], hasLog: true }) satisfies CallList,
  'GET policy': () => emptyPolicy,
  'GET access': () => ({ isOpen: true, principals: [], roles: [], profiles: [] }) satisfies Access,
  'GET approvals': () => ({ approvals: [] }) satisfies ApprovalList,
  'GET pins': () => ({ mode: 'off', pinned: 0, withheld: [] }) satisfies PinReport,
  'GET configuration': () => madeConfiguration,
};

export interface MadeWindow extends AsyncDisposable {
  readonly gateway: MadeGateway;
  readonly window: Watched;
  readonly page: Page;
}

/** The console at a route, against made answers, at a made time. */
export async function openMade(
  browser: Browser,
  answers: MadeAnswers,
  route: string,
  options: Parameters<typeof openWindow>[2] = {},
): Promise<MadeWindow> {
  await using opening = new AsyncDisposableStack();
  const gateway = opening.use(await serveMade({ ...none, ...answers }));
  const window = opening.use(await openWindow(browser, gateway.url, options));
  await window.page.clock.setFixedTime(MADE_NOW);
  await window.page.goto(`${gateway.url}#/${route}`);
  await window.page.locator('h1').waitFor();
  const moved = opening.move();
  return { gateway, window, page: window.page, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}
