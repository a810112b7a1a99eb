import { giveNames } from '../../catalog/naming.ts';
import { portableName } from '../../catalog/portable-name.ts';
import type { GatewayConfig } from '../../config/schema.ts';
import { matchesTool } from '../../config/tool-pattern.ts';
import { type Finding, Findings } from '../finding.ts';
import type { NamedOffer, OfferProbe } from './offer-probe.ts';

/** Functions that the models behind several clients take at most. */
const MANY_TOOLS = 128;

/** Whether every client takes the names of the tools, with their prefixes, and so many of them. */
export const names: OfferProbe = (offers, config) => {
  const { mode, discovery } = config.gateway;
  const served = offers.map((one) => ({ ...one, tools: servedTools(one, config) }));
  const total = served.reduce((sum, { tools }) => sum + tools.length, 0);
  const found = new Findings('names', 'gateway.mode');
  // Who searches is shown two tools, however many there are.
  if (mode === 'unified' && discovery === 'list' && total > MANY_TOOLS) {
    found.warning({
      problem: `${total} tools at one address are more than the ${MANY_TOOLS} that several clients take`,
      remedy: 'let clients search them ("discovery": "auto"), or name those that are needed in "tools" of the entries',
    });
  }
  const unified = mode === 'unified' ? ofUnified(served, config) : [];
  return [...found.all, ...unified, ...(mode === 'routed' ? served.flatMap(ofRouted) : [])];
};

interface Served extends NamedOffer {
  readonly tools: readonly string[];
}

function ofUnified(served: readonly Served[], config: GatewayConfig): readonly Finding[] {
  const { prefix, prefixSeparator: separator, portableNames: portable } = config.gateway;
  const sources = served.map(({ name, tools }) => ({
    prefix: entryOf(name, config)?.prefix ?? name,
    items: tools.map((ownName) => ({ ownName, item: name })),
  }));
  const given = giveNames(sources, { prefix, separator, portable });
  return served.flatMap(({ name }) => {
    const found = new Findings('names', name);
    const own = given.filter(({ item }) => item === name);
    const alone = (whole: string): string => (portable ? portableName(whole, separator) : whole);
    const numbered = own.filter(({ name: shown, wholeName }) => shown !== alone(wholeName));
    const [twice] = numbered;
    if (twice !== undefined)
      found.warning({
        problem: `${counted(numbered)} that another has before it, and a number instead: "${twice.wholeName}" is served as "${twice.name}", and as another once one of them is down`,
        remedy: 'give each entry a "prefix" of its own',
      });
    if (!portable) {
      const refused = own.map(({ wholeName }) => wholeName).filter((whole) => portableName(whole, separator) !== whole);
      if (refused.length > 0)
        found.warning({
          problem: `${counted(refused)} that many clients refuse (64 letters, digits, "_" and "-"): ${first(refused)}`,
          remedy: 'leave "portableNames" true, or give the entry a shorter "prefix"',
        });
      return found.all;
    }
    const changed = own.filter((one) => one.name !== one.wholeName && !numbered.includes(one));
    const [example] = changed;
    if (example !== undefined)
      found.note({
        problem: `${counted(changed)} that many clients refuse, served under others: "${example.wholeName}" as "${example.name}"`,
        remedy: 'give the entry a shorter "prefix" to have their own names',
      });
    return found.all;
  });
}

/** There names are as servers have them. */
function ofRouted({ name, tools }: Served): readonly Finding[] {
  const refused = tools.filter((tool) => portableName(tool, '') !== tool);
  if (refused.length === 0) return [];
  return new Findings('names', name).warning({
    problem: `${counted(refused)} that many clients refuse (64 letters, digits, "_" and "-"): ${first(refused)}`,
    remedy: 'tell the author of the server, or serve them with "mode": "unified", where they get others',
  }).all;
}

function servedTools({ name, offer }: NamedOffer, config: GatewayConfig): readonly string[] {
  const patterns = entryOf(name, config)?.tools;
  return offer.tools
    .map((tool) => tool.text('name') ?? '')
    .filter((tool) => patterns?.some((pattern) => matchesTool(pattern, tool)) ?? true);
}

function entryOf(name: string, { plugins, mcpServers }: GatewayConfig) {
  return plugins[name] ?? mcpServers[name];
}

function counted({ length }: readonly unknown[]): string {
  return length === 1 ? 'one tool has a name' : `${length} tools have names`;
}

function first([one = '', ...others]: readonly string[]): string {
  return others.length > 0 ? `"${one}" and others` : `"${one}"`;
}
