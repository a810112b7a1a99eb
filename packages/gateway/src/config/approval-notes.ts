import { guardOf } from './guard-origin.ts';
import { deadOf } from './pattern-notes.ts';
import { formatPlace } from './place.ts';
import type { GatewayConfig } from './schema.ts';

/** Approval rules that can never hold: calls pass that their author meant to hold back. */
export function* approvalNotes(config: GatewayConfig): Generator<string> {
  const { gateway, roles, plugins, mcpServers } = config;
  const servers = [...Object.keys(plugins), ...Object.keys(mcpServers)];
  const isLabelled = gateway.wasmGuardsDir !== undefined || servers.some((name) => guardOf(name, config));
  for (const [index, rule] of gateway.approvals.entries()) {
    const place = ['gateway', 'approvals', index];
    yield* deadOf('tool', [...place, 'tools'], rule.tools, config);
    for (const [at, role] of (rule.roles ?? []).entries()) {
      if (!Object.hasOwn(roles, role))
        yield `${formatPlace([...place, 'roles', at])} can never match: there is no role "${role}"`;
    }
    if (rule.secrecy && !isLabelled)
      yield `${formatPlace([...place, 'secrecy'])} can never match: no server has a guard, so that nothing that is read is secret`;
  }
}
