import type { ObjectText } from '../../protocol/frame/object-text.ts';
import { Findings } from '../finding.ts';
import type { NamedOffer, OfferProbe } from './offer-probe.ts';
import { type SchemaProblem, schemaProblems } from './schema-problems.ts';

/** Findings about the schemas of one server: more say no more. */
const MAX_TOLD = 50;

/** Places of one tool that are named. */
const PLACES_TOLD = 3;

/** Whether the schemas of tools are such that models and clients can use them. */
export const schemas: OfferProbe = (offers) => offers.flatMap(ofOne);

function ofOne({ name, kind, offer }: NamedOffer) {
  const found = new Findings('schemas', name);
  for (const tool of offer.tools) {
    for (const key of ['inputSchema', 'outputSchema']) {
      const problems = tool.has(key) ? schemaProblems(tool.value(key)) : [];
      const wrong = problems.filter(({ isAllowed }) => !isAllowed);
      const vague = problems.filter(({ isAllowed }) => isAllowed);
      if (wrong.length > 0)
        found.warning({
          problem: `${of(tool, key)}: ${listed(wrong)}`,
          remedy: 'tell the author of the server: strict clients refuse the tool',
        });
      // Plugins of the plain ABI cannot say types.
      if (vague.length > 0 && kind === 'server' && key === 'inputSchema')
        found.note({
          problem: `${of(tool, key)}: ${listed(vague)}`,
          remedy: 'tell the author of the server: models have to guess',
        });
    }
  }
  return found.all.slice(0, MAX_TOLD);
}

function of(tool: ObjectText, key: string): string {
  return `tool "${tool.text('name')}": ${key}`;
}

function listed(problems: readonly SchemaProblem[]): string {
  const told = problems
    .slice(0, PLACES_TOLD)
    .map(({ place, problem }) => (place === '' ? problem : `"${place}" ${problem}`));
  const more = problems.length - told.length;
  return [...told, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
