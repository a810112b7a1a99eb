import { EMPTY_OFFER, type Offer } from '../catalog/offer.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Served } from './served.ts';

const ONLY_TOOLS = ObjectText.from({ tools: { listChanged: true } });

/** Everything that some server might offer; a session learns this once, and servers may start later. */
const EVERYTHING = ObjectText.from({
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
});

const TRUE = Buffer.from('true');

/** Whether it has tools and nothing else: plugins of most kinds. What is not known yet of a plugin that starts may be more. */
export function hasOnlyTools({ upstream }: Served): boolean {
  if (upstream.kind !== 'plugin') return false;
  const declared = upstream.declared('legacy');
  if (declared === undefined) return upstream.state !== 'starting';
  return [...declared.keys()].every((area) => area === 'tools');
}

/** What an endpoint declares: one server's own capabilities as it wrote them, but that the gateway announces changes of lists. */
export function capabilitiesOf(visible: readonly Served[], offers: readonly Offer[], isOne: boolean): ObjectText {
  if (visible.every(hasOnlyTools)) return ONLY_TOOLS;
  const [only] = offers;
  if (!isOne || !only || only === EMPTY_OFFER) return EVERYTHING;
  let declared = only.capabilities;
  for (const area of ['tools', 'resources', 'prompts']) {
    const capability = declared.object(area);
    if (capability) declared = declared.with(area, capability.with('listChanged', TRUE));
  }
  return declared;
}
