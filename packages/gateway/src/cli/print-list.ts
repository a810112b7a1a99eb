import { didYouMean } from '../config/nearest.ts';
import { configFlag } from './config-flag.ts';
import { type OpenedConfig, openConfig } from './config-options.ts';
import { configuredListing } from './configured-listing.ts';
import { describeListing } from './describe-listing.ts';
import { describeTool } from './describe-tool.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import type { Listed, ListedItem, Listing } from './listing.ts';
import { printable } from './printable.ts';
import { type Remote, remoteListing } from './remote-listing.ts';
import { painter, type Terminal, terminalWidth, wantsColor } from './terminal.ts';

export interface AskedList {
  readonly list: Listed;
  readonly server: string | undefined;
  /** One tool of the server, by either of its names. */
  readonly tool: string | undefined;
  /** Undefined where the configuration is meant. */
  readonly remote: Remote | undefined;
  readonly printJson: boolean;
}

/** @throws CommandFailure when a server that was asked for is down, or there is no such server or tool. */
export async function printList(
  { list, server, tool, remote, printJson }: AskedList,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<void> {
  const listing = remote
    ? await remoteListing(list, server, remote)
    : await ofConfiguration(list, server, options, terminal);
  const paint = painter(wantsColor(terminal, terminal.stdout));
  const flag = configFlag(options.config, terminal.workingFolder);
  const write = (text: string): void => void terminal.stdout.write(text);
  if (tool !== undefined) {
    failIfDown(listing, flag);
    const found = itemOf(tool, listing.items, server);
    write(printJson ? json(found.item) : describeTool(found, flag, paint));
    return;
  }
  if (printJson)
    write(json(listing.items.map(({ name, server: of, item }) => ({ ...item, name, ...(of && { server: of }) }))));
  else write(describeListing(list, listing.items, { paint, width: terminalWidth(terminal.stdout) }));
  failIfDown(listing, flag);
}

async function ofConfiguration(
  list: Listed,
  server: string | undefined,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<Listing> {
  const opened = await openConfig(options, terminal);
  if (server !== undefined) mustExist(server, opened);
  return configuredListing(list, server, opened, terminal);
}

function mustExist(server: string, { config: { plugins, mcpServers } }: OpenedConfig): void {
  const entry = plugins[server] ?? mcpServers[server];
  if (entry?.disabled)
    throw new CommandFailure(`server "${server}" is switched off in the configuration ("disabled")`, EXIT.usage);
  if (entry) return;
  const known = [...Object.keys(plugins), ...Object.keys(mcpServers)];
  const what = `there is no plugin or server "${server}"${didYouMean(server, known)}`;
  throw new CommandFailure(`${what} (known: ${known.join(', ') || 'none'})`, EXIT.usage);
}

function itemOf(tool: string, items: readonly ListedItem[], server: string | undefined): ListedItem {
  const found = items.find(({ name, ownName }) => name === tool || ownName === tool);
  if (found) return found;
  const known = items.map(({ ownName }) => ownName);
  const what = `"${server}" has no tool "${tool}"${didYouMean(tool, known)}`;
  throw new CommandFailure(`${what} (known: ${known.join(', ') || 'none'})`);
}

function failIfDown({ missing }: Listing, flag: string): void {
  if (missing.length === 0) return;
  const lines = missing.map(({ server, reason }) => `not listed: ${server}: ${printable(reason)}`);
  throw new CommandFailure([...lines, `"lockgate doctor${flag}" says more`].join('\n'));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
