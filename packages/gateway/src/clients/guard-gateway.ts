import type { Client, ClientFile, Found } from './client.ts';
import { newDraft } from './draft.ts';
import { argumentList, as, type KeyRule, type KeyRules, notHere, nothing, servedTools, texts } from './key-rules.ts';
import { finishEntry, type ServerDialect, translateServer } from './translate-server.ts';
import { childTree, isTree, kindOf, type Tree } from './tree.ts';

/** The gateway's own policies, as Lockgate has them, with the names of the TOML file and those of the JSON. */
const policies: KeyRule = (value, draft, key) => {
  if (!isTree(value)) return;
  const sink = childTree(value, 'write-sink');
  // The TOML of its documentation writes "Accept".
  const lower = sink && Object.fromEntries(Object.entries(sink).map(([name, item]) => [name.toLowerCase(), item]));
  draft.entry['guard-policies'] = { ...value, ...(lower === undefined ? {} : { 'write-sink': lower }) };
  if (value['allow-only'] === undefined || draft.entry.guard !== undefined) return;
  const { 'allow-only': _, ...others } = draft.entry['guard-policies'] as Tree;
  draft.entry['guard-policies'] = others;
  draft.entry.disabled = true;
  draft.remarks.add(
    `"${key}.allow-only" is for the guard that the other gateway has built in, so the server is switched off: name a "guard" that understands it, write it again, and leave out "disabled"`,
  );
};

/** An empty text means that the program gets the variable as the gateway has it. */
const variables: KeyRule = (value, draft, key) => {
  const filled = isTree(value)
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, item === '' ? `\${${name}}` : item]))
    : value;
  texts('env')(filled, draft, key);
};

/** What `docker run -e NAME` takes from its own environment has to be there. */
const dockerArguments: KeyRule = (value, draft, key) => {
  argumentList(value, draft, key);
  const given: readonly unknown[] = Array.isArray(draft.entry.args) ? draft.entry.args : [];
  const args = given.map((word) => (typeof word === 'string' ? word : ''));
  const passed = args.filter((name, index) => /^(-e|--env)$/.test(args[index - 1] ?? '') && /^\w+$/.test(name));
  if (passed.length > 0) texts('env')(Object.fromEntries(passed.map((name) => [name, `\${${name}}`])), draft, key);
};

const KEYS: KeyRules = {
  args: dockerArguments,
  env: variables,
  working_directory: as('cwd'),
  registry: nothing,
  guard: as('guard'),
  'guard-policies': policies,
  guard_policies: policies,
  'guards-mode': notHere('"gateway.guardsMode" holds for all servers'),
  guards_mode: notHere('"gateway.guardsMode" holds for all servers'),
  tools: (value, draft, key) => {
    if (!(Array.isArray(value) && value.includes('*'))) servedTools(value, draft, key);
  },
  auth: notHere('the token of a workflow of GitHub is not asked for here; write "headers"'),
  tool_response_filters: notHere('answers are not cut here; a guard may withhold parts of them'),
  connectTimeout: (value, draft) => seconds(value, draft.entry, 'connectTimeoutMs'),
  connect_timeout: (value, draft) => seconds(value, draft.entry, 'connectTimeoutMs'),
  toolTimeout: (value, draft) => seconds(value, draft.entry, 'callTimeoutMs'),
  tool_timeout: (value, draft) => seconds(value, draft.entry, 'callTimeoutMs'),
  rate_limit_threshold: notHere('"breaker" counts failures of every kind'),
  rate_limit_cooldown: notHere('"breaker" counts failures of every kind'),
};

function seconds(value: unknown, entry: Record<string, unknown>, key: string): void {
  if (typeof value === 'number' && value > 0) entry[key] = value * 1_000;
}

/** What containers are started with, so that their output can be read by programs. */
const QUIET = ['-e', 'NO_COLOR=1', '-e', 'TERM=dumb', '-e', 'PYTHONUNBUFFERED=1'];

/** Sources: config.example.toml and docs/CONFIGURATION.md of github/gh-aw-mcpg. */
export const guardGateway: Client = {
  id: 'gh-aw-mcpg',
  name: 'gh-aw-mcpg',
  file: 'configuration',
  // It has no place of its own.
  places: () => [],
  hasPath: () => false,
  hasShape: ({ format, tree }) =>
    format === 'toml'
      ? childTree(tree, 'servers') !== undefined
      : 'customSchemas' in tree ||
        Object.values(childTree(tree, 'mcpServers') ?? {}).some((server) => isTree(server) && 'container' in server),
  read: readGuardGateway,
};

function readGuardGateway({ format, tree }: ClientFile): readonly Found[] {
  // The TOML file fills variables in for tracing only.
  const syntax = format === 'toml' ? {} : { plain: true };
  const dialect: ServerDialect = {
    keys: KEYS,
    variables: { client: 'the other gateway', syntax, project: undefined },
  };
  const section = format === 'toml' ? 'servers' : 'mcpServers';
  return [
    ...entries(tree, section, (name, raw) => translateServer(name, asProgram(raw), dialect)),
    ...entries(tree, 'guards', readGuard),
    ...settings(tree),
  ];
}

function entries(tree: Tree, section: string, read: (name: string, raw: unknown) => Found): readonly Found[] {
  const { [section]: all = {} } = tree;
  if (!isTree(all))
    return [{ name: section, leftOut: `expected an object with an entry under each name, got ${kindOf(all)}` }];
  return Object.entries(all).map(([name, raw]) => read(name, raw));
}

/** A container is a program here: `docker run`. */
function asProgram(raw: unknown): unknown {
  if (!isTree(raw)) return raw;
  const { container, entrypoint, entrypointArgs, mounts, args, ...others } = raw;
  if (typeof container !== 'string') return raw;
  const variables = Object.keys(isTree(raw.env) ? raw.env : {});
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  return {
    ...others,
    command: 'docker',
    args: [
      ...['run', '--rm', '-i', ...QUIET],
      ...(typeof entrypoint === 'string' && entrypoint !== '' ? ['--entrypoint', entrypoint] : []),
      ...list(mounts).flatMap((mount) => ['-v', mount]),
      // By name only: docker takes the values from its own environment, and the list of processes shows none.
      ...variables.flatMap((name) => ['-e', name]),
      ...list(args),
      container,
      ...list(entrypointArgs),
    ],
  };
}

function readGuard(name: string, raw: unknown): Found {
  if (!isTree(raw)) return { name, leftOut: `expected an object, got ${kindOf(raw)}` };
  const { type, path, policy, ...others } = raw;
  if (type !== undefined && type !== 'wasm')
    return {
      name,
      leftOut: `there is no guard of the type ${typeof type === 'string' ? JSON.stringify(type.slice(0, 40)) : kindOf(type)} here`,
    };
  const draft = newDraft();
  draft.entry.path = path;
  if (policy !== undefined) draft.entry.policy = policy;
  for (const key of Object.keys(others)) draft.remarks.add(`"${key}" is left out: Lockgate knows no such key`);
  return finishEntry(name, 'guards', draft, undefined);
}

const WHERE: ReadonlyMap<string, string> = new Map([
  ['port', 'write "gateway": {"listen": "127.0.0.1:<port>"}, or give --listen'],
  ['apiKey', 'make a key with "lockgate config key", and write its hash under "gateway.auth.apiKeys"'],
  ['api_key', 'make a key with "lockgate config key", and write its hash under "gateway.auth.apiKeys"'],
  ['agentId', 'make a key with "lockgate config key", and write its hash under "gateway.auth.apiKeys"'],
  ['agent_id', 'make a key with "lockgate config key", and write its hash under "gateway.auth.apiKeys"'],
  ['domain', 'write "gateway": {"publicUrl": "<url>"}'],
  ['startupTimeout', 'write "connectTimeoutMs" at each server'],
  ['startup_timeout', 'write "connectTimeoutMs" at each server'],
  ['toolTimeout', 'write "callTimeoutMs" at each server'],
  ['tool_timeout', 'write "callTimeoutMs" at each server'],
  ['opentelemetry', 'write "gateway": {"tracing": {"enabled": true, "endpoint": "<url>"}}'],
]);

/** Settings of the gateway itself belong to the new one, and are told rather than taken over. */
function settings(tree: Tree): readonly Found[] {
  const found: Found[] = Object.keys(childTree(tree, 'gateway') ?? {}).map((key) => ({
    name: `gateway.${key}`,
    leftOut: WHERE.get(key) ?? 'Lockgate has nothing like it',
  }));
  if (tree.guards_mode !== undefined)
    found.push({ name: 'guards_mode', leftOut: 'write "gateway": {"guardsMode": "<mode>"}' });
  return found;
}
