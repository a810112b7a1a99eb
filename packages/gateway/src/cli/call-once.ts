import { closest, distance } from 'fastest-levenshtein';
import type { GatewayConfig } from '../config/schema.ts';
import { openConfig } from './config-options.ts';
import { describeResult } from './describe-result.ts';
import { CommandFailure } from './exit-code.ts';
import { type InProcessClient, openInProcessClient } from './in-process-client.ts';
import type { Terminal } from './terminal.ts';

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
  await using inProcess = await openInProcessClient(opened, onlyWhatMayHaveIt(opened.config, tool), terminal);
  await mustExist(inProcess, tool);
  const result = await inProcess.callTool(tool, args, timeoutMs);
  terminal.stdout.write(printJson ? `${JSON.stringify(result, null, 2)}\n` : describeResult(result));
  if (result.isError === true) throw new CommandFailure('the tool answered with an error');
}

async function mustExist(client: InProcessClient, tool: string): Promise<void> {
  const names = await client.toolNames();
  if (!names.includes(tool)) throw new CommandFailure(unknownTool(tool, names));
}

function unknownTool(tool: string, names: readonly string[]): string {
  if (names.length === 0)
    return `there is no tool "${tool}": no server of the configuration gives any; see the log above`;
  const named = names.filter((name) => name.endsWith(tool));
  const near =
    named.length > 0 ? named : [closest(tool, names)].filter((name) => distance(tool, name) <= tool.length / 2);
  const guess = near.length > 0 ? `; did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : '';
  return `there is no tool "${tool}"${guess}\nknown: ${names.join(', ')}`;
}

/** Leaves out servers whose prefix the tool's name does not have: a call should not wait for them. */
function onlyWhatMayHaveIt(config: GatewayConfig, tool: string): GatewayConfig {
  const { prefix, prefixSeparator } = config.gateway;
  if (prefix !== 'always') return config;
  const may = <T extends { readonly prefix?: string | undefined }>(entries: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      Object.entries(entries).filter(([name, entry]) => tool.startsWith((entry.prefix ?? name) + prefixSeparator)),
    );
  const [plugins, mcpServers] = [may(config.plugins), may(config.mcpServers)];
  const none = Object.keys(plugins).length + Object.keys(mcpServers).length === 0;
  return none ? config : { ...config, plugins, mcpServers };
}
