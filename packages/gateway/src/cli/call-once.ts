import { closest, distance } from 'fastest-levenshtein';
import type { GatewayConfig } from '../config/schema.ts';
import { openConfig } from './config-options.ts';
import { describeResult } from './describe-result.ts';
import { CommandFailure } from './exit-code.ts';
import { type InProcessClient, openInProcessClient } from './in-process-client.ts';
import type { Terminal } from './terminal.ts';

/** Prefixes that portable names begin with as they are: others are rewritten, or cut where the name is too long. */
const KEPT_WHOLE = /^[\w-]{1,32}$/;

/** The gateway's own, which clients that search are shown: whoever writes a configuration tries them too. */
const OWN_TOOLS: ReadonlySet<string> = new Set(['search', 'execute', 'run_script']);

/** How long servers are waited for that can only help to find out what was meant. */
const HINT_WINDOW_MS = 2_000;

interface Prefixed {
  readonly prefix?: string | undefined;
  readonly disabled: boolean;
}

export interface OneCall {
  readonly tool: string;
  readonly args: Record<string, unknown>;
  readonly timeoutMs: number;
  readonly printJson: boolean;
}

/** Makes a gateway that listens nowhere, calls one tool through it as a client would, and prints the answer. */
export async function callOnce(
  { tool, args, timeoutMs, printJson }: OneCall,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<void> {
  const opened = await openConfig(options, terminal);
  // One that executes another needs what has that; where nothing has, the tool itself says what is near.
  const meant = tool === 'execute' && typeof args.tool === 'string' ? args.tool : tool;
  const asked = canExist(opened.config, meant) ? onlyWhatMayHaveIt(opened.config, meant) : opened.config;
  const isOwn = OWN_TOOLS.has(tool);
  const patience = isOwn || canExist(opened.config, tool) ? {} : { startWindowMs: HINT_WINDOW_MS };
  // By `auto` these can be called, unless a server has one of that name.
  await using inProcess = await openInProcessClient(opened, asked, terminal, patience, isOwn ? 'auto' : 'list');
  if (!isOwn) await mustExist(inProcess, tool, opened.flag);
  const result = await inProcess.callTool(tool, args, timeoutMs);
  terminal.stdout.write(printJson ? `${JSON.stringify(result, null, 2)}\n` : describeResult(result));
  if (result.isError === true) throw new CommandFailure('the tool answered with an error');
}

/** Whether any server can have a tool of this name: with prefixes, none has one without. */
function canExist({ gateway, plugins, mcpServers }: GatewayConfig, tool: string): boolean {
  const { prefix, prefixSeparator: separator, portableNames } = gateway;
  if (prefix !== 'always' || tool.includes(separator)) return true;
  return Object.entries<Prefixed>({ ...plugins, ...mcpServers }).some(([name, { prefix: own = name, disabled }]) => {
    return !disabled && (own === '' || (portableNames && !KEPT_WHOLE.test(own + separator)));
  });
}

async function mustExist(client: InProcessClient, tool: string, flag: string): Promise<void> {
  const names = await client.toolNames();
  if (!names.includes(tool)) throw new CommandFailure(unknownTool(tool, names, { down: client.down(), flag }));
}

/** Where servers are not up that may have it, their reasons come last, as that is what is read first. */
function unknownTool(
  tool: string,
  names: readonly string[],
  { down, flag }: { readonly down: ReturnType<InProcessClient['down']>; readonly flag: string },
): string {
  const reasons = down.map(({ name, reason }) => `"${name}" is not up: ${reason ?? 'it has not answered in time'}`);
  const why =
    reasons.length > 0 ? `server ${reasons.join('\nserver ')}\n"lockgate doctor${flag}" says what to do` : undefined;
  if (names.length === 0)
    return `there is no tool "${tool}" now: ${why ?? `no server of the configuration gives any; "lockgate doctor${flag}" says more`}`;
  const named = names.filter((name) => name.endsWith(tool));
  const near =
    named.length > 0 ? named : [closest(tool, names)].filter((name) => distance(tool, name) <= tool.length / 2);
  const guess = near.length > 0 ? `; did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : '';
  return `there is no tool "${tool}"${guess}\nknown: ${names.join(', ')}${why === undefined ? '' : `\n${why}`}`;
}

/**
 * Leaves out servers that cannot have a tool of this name: a call should not wait for them.
 *
 * @throws CommandFailure where the name has a prefix and no server has it.
 */
function onlyWhatMayHaveIt(config: GatewayConfig, tool: string): GatewayConfig {
  const { prefix, prefixSeparator: separator, portableNames } = config.gateway;
  if (prefix !== 'always' || !tool.includes(separator)) return config;
  const mayHaveIt = (own: string): boolean =>
    own === '' || tool.startsWith(own + separator) || (portableNames && !KEPT_WHOLE.test(own + separator));
  const may = <T extends Prefixed>(entries: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(entries).filter(([name, entry]) => mayHaveIt(entry.prefix ?? name)));
  const [plugins, mcpServers] = [may(config.plugins), may(config.mcpServers)];
  const meant = { ...plugins, ...mcpServers };
  if (Object.values(meant).some(({ disabled }) => !disabled)) return { ...config, plugins, mcpServers };
  const asked = JSON.stringify(tool.slice(0, tool.indexOf(separator)));
  if (Object.keys(meant).length > 0)
    throw new CommandFailure(`server ${asked} is switched off in the configuration ("disabled")`);
  const known = Object.entries<Prefixed>({ ...config.plugins, ...config.mcpServers })
    .filter(([, { disabled }]) => !disabled)
    .map(([name, entry]) => entry.prefix ?? name);
  throw new CommandFailure(`there is no server ${asked} (known: ${known.join(', ') || 'none'})`);
}
