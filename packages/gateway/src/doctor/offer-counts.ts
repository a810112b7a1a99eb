import type { Offer } from '../catalog/offer.ts';

type Listed = Pick<Offer, 'tools' | 'resources' | 'resourceTemplates' | 'prompts'>;

/** How many of each an offer has. */
export interface OfferCounts {
  readonly tools: number;
  readonly resources: number;
  readonly resourceTemplates: number;
  readonly prompts: number;
}

export function countsOf({ tools, resources, resourceTemplates, prompts }: Listed): OfferCounts {
  return {
    tools: tools.length,
    resources: resources.length,
    resourceTemplates: resourceTemplates.length,
    prompts: prompts.length,
  };
}

/** The same in words, as in "2 tools, 1 prompt"; undefined where there is nothing. */
export function saidCounts(offer: Listed): string | undefined {
  const { tools, resources, resourceTemplates, prompts } = countsOf(offer);
  const said = Object.entries({
    tool: tools,
    resource: resources,
    'resource template': resourceTemplates,
    prompt: prompts,
  })
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}${count === 1 ? '' : 's'}`);
  return said.length === 0 ? undefined : said.join(', ');
}
