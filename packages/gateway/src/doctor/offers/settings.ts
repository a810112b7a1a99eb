import { didYouMean } from '../../config/nearest.ts';
import { formatPlace } from '../../config/place.ts';
import { matchesTool } from '../../config/tool-pattern.ts';
import { Findings } from '../finding.ts';
import type { OfferProbe } from './offer-probe.ts';

/** Whether the tools that the configuration names are there. */
export const settings: OfferProbe = (offers, { plugins, mcpServers }) =>
  offers.flatMap(({ name, offer }) => {
    const found = new Findings('settings', name);
    const entry = plugins[name] ?? mcpServers[name];
    const known = offer.tools.map((tool) => tool.text('name') ?? '');
    const section = plugins[name] ? 'plugins' : 'mcpServers';
    const named: (readonly [key: string, pattern: string])[] = [
      ...(entry?.tools ?? []).map((pattern) => ['tools', pattern] as const),
      ...Object.keys(entry?.['tool-call-limits'] ?? {}).map((tool) => ['tool-call-limits', tool] as const),
    ];
    for (const [key, pattern] of named) {
      if (known.some((tool) => matchesTool(pattern, tool))) continue;
      const at = formatPlace([section, name, key]);
      const near = didYouMean(pattern.replace(/\*$/, ''), known).replace(/^; /, '');
      const remedy = near || (known.length > 0 ? `it has ${known.slice(0, 10).join(', ')}` : 'it has no tool at all');
      found.warning(
        { problem: `"${key}" names "${pattern}", and it has no such tool`, remedy },
        { source: 'configuration', key: at },
      );
    }
    return found.all;
  });
