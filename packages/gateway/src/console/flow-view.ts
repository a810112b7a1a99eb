import { checkFlow } from '../monitor/flow.ts';
import { EMPTY_LABEL } from '../monitor/label.ts';
import type { Rule } from '../monitor/rule.ts';
import type { DecisionFacts, Labels, MayWrite, Reading } from './api.ts';

const MOST_READINGS = 100;

/** Where an agent of these labels could write, server by server, as far as no guard has to see what is written. */
export function writesOf(
  labels: Labels,
  servers: readonly string[],
  ruleOf: (server: string) => Rule,
): readonly MayWrite[] {
  const agent = { secrecy: new Set(labels.secrecy), integrity: new Set(labels.integrity) };
  return servers.map((server) => {
    const rule = ruleOf(server);
    if (rule.kind === 'guard') return { server, verdict: 'asked', secrecy: [] };
    const holds = rule.kind === 'sink' ? { secrecy: rule.accept, integrity: EMPTY_LABEL.integrity } : EMPTY_LABEL;
    const violation = checkFlow('write', agent, holds);
    return { server, verdict: violation ? 'denied' : 'allowed', secrecy: violation?.secrecy ?? [] };
  });
}

/** What decisions have let agents read, each pair of server and labels once, the newest first. */
export function readingsOf(
  newestFirst: Iterable<DecisionFacts>,
  servers: readonly string[],
  ruleOf: (server: string) => Rule,
): readonly Reading[] {
  const found = new Map<string, Reading>();
  for (const { server, tool, time, operation, verdict, channel, resource } of newestFirst) {
    if (channel || !resource || operation === 'write' || verdict === 'denied') continue;
    const { secrecy, integrity } = resource;
    const key = JSON.stringify([server, secrecy, integrity]);
    if (found.has(key)) continue;
    found.set(key, { server, tool, time, secrecy, integrity, writes: writesOf(resource, servers, ruleOf) });
    if (found.size >= MOST_READINGS) break;
  }
  return [...found.values()];
}
