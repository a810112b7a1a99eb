import type { Draft } from './draft.ts';
import { isTree, kindOf, type Tree } from './tree.ts';

/** What becomes of one key of a client's entry. The value holds Lockgate's variables already. */
export type KeyRule = (value: unknown, draft: Draft, key: string) => void;

export type KeyRules = Readonly<Record<string, KeyRule>>;

/** The key is another one here, or the same; the value stays. */
export function as(target: string): KeyRule {
  return (value, { entry }) => {
    if (value !== null && value !== undefined) entry[target] = value;
  };
}

/** Texts by name. Numbers and switches are how files without quotes write texts. */
export function texts(target: 'env' | 'headers'): KeyRule {
  return (value, draft, key) => {
    if (value === null || value === undefined) return;
    if (!isTree(value)) return refuse(draft, key, `expected an object, got ${kindOf(value)}`);
    const known = (draft.entry[target] ?? {}) as Tree;
    draft.entry[target] = {
      ...known,
      ...Object.fromEntries(Object.entries(value).map(([name, item]) => [name, asText(item)])),
    };
  };
}

/** A list of texts. */
export const argumentList: KeyRule = (value, draft, key) => {
  if (value === null || value === undefined) return;
  if (!Array.isArray(value)) return refuse(draft, key, `expected a list, got ${kindOf(value)}`);
  draft.entry.args = value.map(asText);
};

function asText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : value;
}

function refuse(draft: Draft, key: string, reason: string): void {
  draft.leftOut ??= `"${key}": ${reason}`;
}

const TRANSPORTS: ReadonlyMap<string, 'stdio' | 'http' | 'sse'> = new Map([
  ['', 'stdio'],
  ['stdio', 'stdio'],
  ['local', 'stdio'],
  ['http', 'http'],
  ['https', 'http'],
  ['remote', 'http'],
  ['streamable-http', 'http'],
  ['streamable_http', 'http'],
  ['streamableHttp', 'http'],
  ['sse', 'sse'],
]);

/** How the server is reached. */
export const transport: KeyRule = (value, draft, key) => {
  if (value === null || value === undefined) return;
  const word = typeof value === 'string' ? value : kindOf(value);
  const known = TRANSPORTS.get(word);
  if (known !== undefined) draft.transport = known;
  else if (/^(ws|wss|websocket|tcp)$/i.test(word)) draft.leftOut ??= 'Lockgate reaches no server over WebSockets';
  else draft.leftOut ??= `"${key}": there is no such transport here as ${JSON.stringify(word.slice(0, 40))}`;
};

/** An address; of a socket in the file system there is none here. */
export const address: KeyRule = (value, draft, key) => {
  if (typeof value === 'string' && /^(unix|pipe|npipe):/i.test(value))
    draft.leftOut ??= `"${key}": Lockgate reaches no server over a socket or pipe of the file system`;
  else as('url')(value, draft, key);
};

/** An address that belongs to a server of the older HTTP with SSE, where nothing else is said. */
export const olderAddress: KeyRule = (value, draft, key) => {
  address(value, draft, key);
  draft.transport ??= 'sse';
};

/** `true` switches the server off. */
const switchedOff: KeyRule = (value, { entry }) => {
  if (value === true) entry.disabled = true;
};

/** `false` switches the server off. */
export const switchedOn: KeyRule = (value, { entry }) => {
  if (value === false) entry.disabled = true;
};

/** A time in seconds or milliseconds. Zero and less are how clients say "without end", which there is not here. */
export function duration(target: 'callTimeoutMs' | 'connectTimeoutMs', unitMs: number): KeyRule {
  return (value, { entry, remarks }, key) => {
    const ms = typeof value === 'number' || typeof value === 'bigint' ? Math.round(Number(value) * unitMs) : Number.NaN;
    if (ms > 0 && Number.isSafeInteger(ms)) entry[target] = ms;
    else if (value !== null) remarks.add(`"${key}" is no time that Lockgate knows and is left out`);
  };
}

/** The tools that are served, by name. An empty list means all, as in the clients that write one. */
export const servedTools: KeyRule = (value, { entry, remarks }, key) => {
  if (value === null || (Array.isArray(value) && value.length === 0)) return;
  if (!Array.isArray(value) || !value.every((tool) => typeof tool === 'string')) {
    remarks.add(`"${key}" is no list of names and is left out: all tools are served`);
    return;
  }
  // Some clients write arguments behind the name, which are a matter of approval.
  const names = value.map((tool) => tool.replace(/\(.*\)$/s, ''));
  entry.tools = [...new Set(names)].filter((name) => name !== '');
};

/** There is no list of hidden tools: those of a list of served ones are taken from it, else they are told. */
export const hiddenTools: KeyRule = (value, draft, key) => {
  if (value === null || (Array.isArray(value) && value.length === 0)) return;
  const names = Array.isArray(value) ? value.filter((tool) => typeof tool === 'string') : [];
  const served: unknown = draft.entry.tools;
  if (Array.isArray(served) && !served.some((tool) => typeof tool === 'string' && tool.endsWith('*'))) {
    draft.entry.tools = served.filter((tool) => !names.includes(tool));
    return;
  }
  draft.remarks.add(
    `"${key}" hides ${list(names)}, which Lockgate would serve: write the tools that are wanted, "tools": ["<name>", ...]`,
  );
};

/** Which tools may be called without being asked is a matter of the client, which goes on with it. */
export const approval: KeyRule = (value, { remarks }, key) => {
  const means = Array.isArray(value) ? value.length > 0 : value !== false && value !== null && value !== '';
  if (means) remarks.add(`"${key}" is left out: whether a call is asked about is decided in the client`);
};

/** What Lockgate has nothing for. */
export function notHere(why: string): KeyRule {
  return (value, { remarks }, key) => {
    const means = !(value === null || value === undefined || value === false || value === '');
    if (means) remarks.add(`"${key}" is left out: ${why}`);
  };
}

/** What says nothing that the rest of the entry does not say. */
export const nothing: KeyRule = () => {};

/** For people only. */
export const forPeople: KeyRule = notHere('it is for people only');

export const OAUTH: KeyRule = notHere('log in to this server in another way, such as a token in "headers"');

export const ENV_FILE: KeyRule = (value, { remarks }, key) => {
  if (typeof value === 'string' && value !== '')
    remarks.add(
      `"${key}" is left out: name that file with --env, and write "env": {"NAME": "\${NAME}"} for what the server needs of it`,
    );
};

function list(names: readonly string[]): string {
  if (names.length === 0) return 'tools';
  const shown = names.slice(0, 5).map((name) => `"${name}"`);
  return shown.join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
}

/** The keys that most clients share. */
export const COMMON_KEYS: KeyRules = {
  type: transport,
  transport,
  command: as('command'),
  args: argumentList,
  env: texts('env'),
  cwd: as('cwd'),
  url: address,
  headers: texts('headers'),
  disabled: switchedOff,
  tools: servedTools,
  description: forPeople,
};
