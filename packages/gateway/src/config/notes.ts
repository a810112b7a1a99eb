import { approvalNotes } from './approval-notes.ts';
import { guardOf } from './guard-origin.ts';
import type { Guarding } from './guarding.ts';
import { patternNotes } from './pattern-notes.ts';
import { formatPlace } from './place.ts';
import { roleNotes } from './role-notes.ts';
import type { GatewayConfig } from './schema.ts';
import { isProgram } from './servers-section.ts';
import { matchesTool } from './tool-pattern.ts';

/**
 * What a configuration means that its author may not have meant: servers without a guard beside guarded ones, and rules
 * that can never match. Shown at start-up and by `lockgate config explain`.
 *
 * @param isWhole - False where entries were left out because something is wrong with them: nothing is concluded then from what is not there.
 */
export function configNotes(config: GatewayConfig, isWhole = true): readonly string[] {
  return [
    ...(isWhole ? unserved(config) : []),
    ...emptied(config),
    ...undescribed(config),
    ...inline(config),
    ...samePrefix(config),
    ...unguarded(config),
    ...deadRules(config),
    ...unknownCallers(config),
    ...roleNotes(config),
    ...(isWhole ? unmet(config) : []),
  ];
}

/** What is named and is not there, or is there and not named. */
function unmet(config: GatewayConfig): readonly string[] {
  return [...unknownServers(config), ...unusedGuards(config), ...patternNotes(config), ...approvalNotes(config)];
}

type Entry = Guarding & { readonly disabled: boolean };

function* unserved(config: GatewayConfig): Generator<string> {
  if (entriesOf(config).some(([, , { disabled }]) => !disabled)) return;
  yield 'nothing to serve: neither "plugins" nor "mcpServers" holds an entry that is switched on';
}

function* emptied(config: GatewayConfig): Generator<string> {
  for (const [section, name, { tools, disabled }] of entriesOf(config)) {
    if (disabled || tools?.length !== 0) continue;
    const place = formatPlace([section, name]);
    yield `${place}.tools is empty, so that none of its tools is served; take "tools" out to serve all, or name those that are to be served`;
  }
}

/** Of plug-ins whose tools only the configuration describes. */
function* undescribed({ plugins }: GatewayConfig): Generator<string> {
  for (const [name, { exports = {}, disabled }] of Object.entries(plugins)) {
    const bare = Object.entries(exports).filter(([, { description = '' }]) => description.trim() === '');
    if (disabled || bare.length === 0) continue;
    const tools = bare.map(([tool]) => `"${tool}"`).join(', ');
    yield `${formatPlace(['plugins', name])}: no "description" stands at ${tools}, and models choose a tool by what it says: add one`;
  }
}

/** Guests that nothing can stop, and that everybody waits for. */
function* inline({ plugins, guards }: GatewayConfig): Generator<string> {
  const named = [
    ...Object.entries(plugins).map(([name, entry]) => ({ place: ['plugins', name], ...entry })),
    ...Object.entries(guards).map(([name, entry]) => ({ place: ['guards', name], ...entry, disabled: false })),
  ].filter(({ isolation, disabled }) => isolation === 'inline' && !disabled);
  if (named.length === 0) return;
  const [runs, its] = named.length === 1 ? ['runs', 'its'] : ['run', 'their'];
  yield `${named.map(({ place }) => formatPlace(place)).join(', ')} ${runs} in the gateway's own thread ("isolation": "inline"), where everybody waits while a guest computes, and nothing ` +
    `can end one that never stops; take "isolation" out unless you trust ${its} code`;
}

/** What comes up first decides then which server a name leads to. Where prefixes are left out, names may be meant to differ by themselves. */
function* samePrefix(config: GatewayConfig): Generator<string> {
  if (config.gateway.mode === 'routed' && Object.keys(config.profiles).length === 0) return;
  const places = Map.groupBy(
    entriesOf(config).filter(([, , { disabled }]) => !disabled),
    ([, name, { prefix }]) => prefix ?? name,
  );
  for (const [prefix, entries] of places) {
    if (prefix === '' || entries.length === 1) continue;
    const named = entries.map(([section, name]) => formatPlace([section, name])).join(', ');
    const tool = `${prefix}${config.gateway.prefixSeparator}tool`;
    yield `${named} have the prefix "${prefix}" in common: a tool that two of them have is served as "${tool}" and "${tool}_2", and its name changes when one of ` +
      'them is down; give each a "prefix" of its own';
  }
}

function entriesOf({ plugins, mcpServers }: GatewayConfig): readonly (readonly [string, string, Entry])[] {
  return [
    ...Object.entries(plugins).map(([name, entry]) => ['plugins', name, entry] as const),
    ...Object.entries(mcpServers).map(([name, entry]) => ['mcpServers', name, entry] as const),
  ];
}

function* unguarded(config: GatewayConfig): Generator<string> {
  const open: string[] = [];
  const denied = new Map<string, string>();
  let guarded = config.gateway.wasmGuardsDir !== undefined;
  for (const [section, name, entry] of entriesOf(config)) {
    const origin = guardOf(name, config);
    const place = formatPlace([section, name]);
    if (origin && 'emptyFolder' in origin) denied.set(place, origin.emptyFolder);
    else if (origin || entry['guard-policies']?.['write-sink']) guarded = true;
    else if (entry.guard !== false && !entry.disabled) open.push(place);
  }
  if (denied.size > 0) {
    yield `every call of ${[...denied.keys()].join(', ')} is denied: no guard is in ${[...denied.values()].join(', ')}; put a .wasm file there, or say ` +
      '"guard": false';
  }
  if (!guarded || open.length === 0) return;
  const have = open.length === 1 ? 'has no guard' : 'have no guard';
  yield `${open.join(', ')} ${have}: what has none counts as the public internet; an agent that has read secrets, or ` +
    'that demands integrity, may not call it; name a "guard", or say "guard": false where none is wanted';
}

function* deadRules(config: GatewayConfig): Generator<string> {
  for (const [section, name, entry] of entriesOf(config)) {
    const shown = (tool: string): boolean => entry.tools?.some((pattern) => matchesTool(pattern, tool)) ?? true;
    for (const tool of Object.keys(entry['tool-call-limits'])) {
      if (shown(tool)) continue;
      yield `${formatPlace([section, name, 'tool-call-limits', tool])} can never match: "tools" hides that tool`;
    }
    const sink = entry['guard-policies']?.['write-sink'];
    if (sink === undefined) continue;
    const place = formatPlace([section, name, 'guard-policies', 'write-sink', 'accept']);
    if (sink['sink-visibility'] === 'public' && sink.accept.length > 0) {
      yield `${place} can never match: a public sink accepts no secrecy`;
    } else if (sink.accept.includes('*') && sink.accept.length > 1) {
      yield `${place} holds "*", so its other tags mean nothing`;
    }
  }
}

function* unknownServers(config: GatewayConfig): Generator<string> {
  const known = new Set(entriesOf(config).map(([, name]) => name));
  const { apiKeys = [], clientCertificates = [], jwt } = config.gateway.auth ?? {};
  const scopes: [(string | number)[], readonly string[]][] = [
    ...apiKeys.map(({ servers = [] }, index): [(string | number)[], readonly string[]] => [
      ['apiKeys', index, 'servers'],
      servers,
    ]),
    ...clientCertificates.map(({ servers = [] }, index): [(string | number)[], readonly string[]] => [
      ['clientCertificates', index, 'servers'],
      servers,
    ]),
    ...Object.entries(jwt?.scopeServers ?? {}).map(([scope, servers]): [(string | number)[], readonly string[]] => [
      ['jwt', 'scopeServers', scope],
      servers,
    ]),
  ];
  for (const [place, servers] of scopes) {
    for (const name of servers.filter((name) => !known.has(name))) {
      yield `${formatPlace(['gateway', 'auth', ...place])} names "${name}", which is not configured`;
    }
  }
}

/** Servers that each caller logs in to, where nobody knows who calls. */
function* unknownCallers({ gateway: { auth, tls }, mcpServers }: GatewayConfig): Generator<string> {
  if (auth?.apiKeys.length || auth?.jwt || tls?.clientCa !== undefined) return;
  for (const [name, entry] of Object.entries(mcpServers)) {
    if (isProgram(entry) || entry.credential !== 'user' || entry.disabled) continue;
    yield `${formatPlace(['mcpServers', name, 'credential'])}: each caller needs a login of its own, and nobody is asked who they are, so only whoever ` +
      'starts the gateway with --stdio can log in; name keys in "gateway.auth", or say "shared"';
  }
}

function* unusedGuards(config: GatewayConfig): Generator<string> {
  const used = new Set(entriesOf(config).map(([, , { guard }]) => guard));
  for (const name of Object.keys(config.guards)) {
    if (!used.has(name)) yield `${formatPlace(['guards', name])} guards nothing: no entry names it`;
  }
}
