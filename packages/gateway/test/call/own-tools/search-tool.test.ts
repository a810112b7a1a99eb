import { expect, test } from 'vitest';
import { searchTool } from '../../../src/call/own-tools/search-tool.ts';
import { ToolFinder } from '../../../src/call/own-tools/tool-finder.ts';
import { OwnToolRoute } from '../../../src/call/route.ts';
import { Router } from '../../../src/call/router.ts';
import { EMPTY_OFFER } from '../../../src/catalog/offer.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';
import { endpointOf } from '../fake-endpoint.ts';
import { fakeExchange } from '../fake-exchange.ts';

interface Page {
  readonly tools: readonly { readonly tool: string }[];
  readonly next?: number;
}

const words = (count: number): string => 'word '.repeat(count);
const tools = Array.from({ length: 20 }, (_, n) =>
  ObjectText.from({
    name: `pay_${n}`,
    description: words(2_000),
    inputSchema: { type: 'object', properties: { [`to_${n}`]: { type: 'string', description: words(4_000) } } },
  }),
);

async function search(args: object): Promise<Page> {
  const router = new Router({ ownTools: [searchTool(new ToolFinder())] } as never);
  const offer = { ...EMPTY_OFFER, tools };
  const endpoint = Object.assign(endpointOf([{ name: 'bank', offer }]), { ownsTool: () => true });
  const params = ObjectText.from({ name: 'search', arguments: args });
  const first = await router.route(fakeExchange('modern', { message: { method: 'tools/call', params } }), endpoint);
  if (!(first instanceof OwnToolRoute)) throw new Error('not an own tool');
  const route = await first.run({ means: () => {}, runs: () => {} });
  if (route.kind !== 'own') throw new Error('not an answer');
  return JSON.parse(route.result.list('content')?.[0]?.text('text') ?? '') as Page;
}

test('schemas and descriptions as long as their servers like do not make a page long', async () => {
  const page = await search({ query: 'pay', limit: 20 });
  expect(page.tools).toHaveLength(20);
  expect(JSON.stringify(page).length).toBeLessThan(20_000);
});

test('a page of everything ends where it would be long, and says where to go on until all was seen', async () => {
  const seen: string[] = [];
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const page: Page = await search({ query: 'pay', limit: 20, detail: 'full', offset });
    expect(page.tools.length).toBeGreaterThan(0);
    expect(JSON.stringify(page).length).toBeLessThan(70_000);
    seen.push(...page.tools.map(({ tool }) => tool));
    offset = page.next;
  }
  expect(new Set(seen).size).toBe(20);
  expect(seen).toHaveLength(20);
});
