import { isAbsolute, join } from 'node:path';
import { formatPlace } from '../config/place.ts';
import { describeIssues } from '../config/problems.ts';
import { configSchema } from '../config/schema.ts';
import type { Found, Section } from './client.ts';
import { type Draft, newDraft } from './draft.ts';
import { COMMON_KEYS, type KeyRules } from './key-rules.ts';
import { isTree, kindOf, mapTexts, type Tree } from './tree.ts';
import { referencedVariables, translateVariables, type VariableContext } from './variable-syntax.ts';

/** How one client writes a server. */
export interface ServerDialect {
  /** Keys of its own, before the common ones. Those that must be read last stand last. */
  readonly keys: KeyRules;
  readonly variables: VariableContext;
}

/**
 * Makes an entry of "mcpServers" from a client's. Every key is carried over, or remarked on with the reason; an entry that Lockgate could not use is left
 * out with the reason.
 */
export function translateServer(name: string, raw: unknown, { keys, variables }: ServerDialect): Found {
  if (!isTree(raw)) return { name, leftOut: `expected an object, got ${kindOf(raw)}` };
  const draft = newDraft();
  const written = mapTexts(raw, (text) => translateVariables(text, variables, draft)) as Tree;
  const rules: KeyRules = { ...COMMON_KEYS, ...keys };
  const order = Object.keys(rules);
  const known = Object.keys(written).filter((key) => Object.hasOwn(rules, key));
  for (const key of known.sort((a, b) => order.indexOf(a) - order.indexOf(b))) rules[key]?.(written[key], draft, key);
  for (const key of Object.keys(written))
    if (!Object.hasOwn(rules, key)) draft.remarks.add(`"${key}" is left out: Lockgate knows no such key`);
  return finishEntry(name, 'mcpServers', draft, variables.project);
}

/** Checks what came of a draft. */
export function finishEntry(name: string, section: Section, draft: Draft, project: string | undefined): Found {
  if (section === 'mcpServers') settleTransport(draft);
  // A program of a project starts in its folder.
  if (draft.entry.command !== undefined && project !== undefined) draft.entry.cwd ??= project;
  const entry = tidy(draft.entry, project);
  if (project === undefined && typeof entry.cwd === 'string' && !/^[/~$]|^[A-Za-z]:/.test(entry.cwd))
    draft.remarks.add('"cwd" is relative: to where the client was started there, to the configuration here');
  const leftOut = draft.leftOut ?? problemOf(section, entry);
  if (leftOut !== undefined) return { name, leftOut };
  // What was left out asks nobody for anything.
  const referred = new Set(referencedVariables(JSON.stringify(entry)).map(({ name: variable }) => variable));
  const needs = draft.needs.filter(({ variable }) => referred.has(variable));
  return { section, name, entry, remarks: [...draft.remarks], needs, project };
}

function settleTransport(draft: Draft): void {
  const { entry, remarks } = draft;
  const url = typeof entry.url === 'string' ? entry.url : undefined;
  if (url !== undefined && entry.command === undefined) {
    if (draft.transport === 'sse') entry.type = 'sse';
    else if (draft.transport !== 'http' && /\/sse\/?($|\?)/.test(url)) {
      entry.type = 'sse';
      remarks.add('taken for a server of the older HTTP with SSE, since its address ends in "/sse"');
    }
    drop(draft, ['args', 'env', 'cwd'], 'a server that runs already takes none');
  }
  if (entry.command !== undefined && url === undefined)
    drop(draft, ['headers'], 'a program takes its secrets from "env"');
}

function drop({ entry, remarks }: Draft, keys: readonly string[], why: string): void {
  for (const key of keys) {
    if (entry[key] === undefined) continue;
    if (!isEmpty(entry[key])) remarks.add(`"${key}" is left out: ${why}`);
    delete entry[key];
  }
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isTree(value) && Object.keys(value).length === 0;
}

const ORDER = ['type', 'command', 'args', 'env', 'cwd', 'url', 'headers', 'path', 'sha256', 'settings', 'guard'];

/** The entry in the order that people write, without what is empty. */
function tidy(entry: Tree, project: string | undefined): Tree {
  const keys = [...ORDER, ...Object.keys(entry).filter((key) => !ORDER.includes(key))];
  return Object.fromEntries(
    keys.flatMap((key): [string, unknown][] => {
      const value = Object.hasOwn(entry, key) ? entry[key] : undefined;
      if (value === undefined || (key !== 'tools' && isEmpty(value))) return [];
      if (key === 'cwd' && typeof value === 'string' && project !== undefined && !/^[~$]/.test(value))
        return [[key, isAbsolute(value) ? value : join(project, value)]];
      return [[key, value]];
    }),
  );
}

/** Why an entry could not be used, whatever its variables hold. */
function problemOf(section: Section, entry: Tree): string | undefined {
  const url = typeof entry.url === 'string' ? { url: withoutVariables(entry.url) } : {};
  const guard = typeof entry.guard === 'string' ? { guard: 'x' } : {};
  const tree = { guards: { x: { path: 'x.wasm' } }, [section]: { x: { ...entry, ...url, ...guard } } };
  const parsed = configSchema.safeParse(tree);
  if (parsed.success) return undefined;
  const [problem] = describeIssues(parsed.error.issues, tree);
  if (problem === undefined) return 'Lockgate could not use it';
  const place = problem.place.slice(2);
  // What it holds may be a secret.
  const message =
    place[0] === 'url'
      ? 'expected an address such as https://example.com/mcp'
      : problem.message.replace(/^needs/, 'it needs');
  return place.length === 0 ? message : `${formatPlace(place)}: ${message}`;
}

function withoutVariables(url: string): string {
  const plain = url.replace(/\$\{[^}]*\}/g, 'x');
  return plain === 'x' || /^x[/:]/.test(plain) ? 'http://x.invalid' : plain;
}
