import { Client, InMemoryTransport, ProtocolError } from '@modelcontextprotocol/client';
import { closest, distance } from 'fastest-levenshtein';
import type { GatewayConfig } from '../config/schema.ts';
import { createGateway } from '../gateway.ts';
import { openLogging } from '../observe/logging.ts';
import { VERSION } from '../version.ts';
import { openConfig } from './config-options.ts';
import { CommandFailure } from './exit-code.ts';
import { type Terminal, wantsColor } from './terminal.ts';

type ToolResult = Awaited<ReturnType<Client['callTool']>>;

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
  const level = opened.sources.has('gateway.logLevel') ? opened.config.gateway.logLevel : 'warn';
  const color = wantsColor(terminal);
  const { logger } = openLogging({ level, terminal: terminal.stderr, color, secrets: opened.secrets });

  await using stack = new AsyncDisposableStack();
  const gateway = stack.use(await createGateway(onlyWhatMayHaveIt(opened.config, tool), { logger }));
  const [near, far] = InMemoryTransport.createLinkedPair();
  const served = gateway.serveStdio({ transport: far });
  const client = new Client({ name: 'lockgate-call', version: VERSION });
  await client.connect(near);
  stack.defer(async () => {
    await client.close();
    await served;
  });

  const result = await callTool(client, tool, args, timeoutMs);
  terminal.stdout.write(printJson ? `${JSON.stringify(result, null, 2)}\n` : describe(result));
  if (result.isError === true) throw new CommandFailure('the tool answered with an error');
}

async function callTool(
  client: Client,
  tool: string,
  args: Record<string, unknown>,
  timeout: number,
): Promise<ToolResult> {
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name);
  if (!names.includes(tool)) throw new CommandFailure(unknownTool(tool, names));
  try {
    return await client.callTool({ name: tool, arguments: args }, { timeout });
  } catch (error) {
    if (error instanceof ProtocolError) throw new CommandFailure(error.message);
    throw error;
  }
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

/** Text as it is; of what a terminal cannot show, a line that says what it is. */
function describe({ content, structuredContent }: ToolResult): string {
  if (content.length === 0 && structuredContent !== undefined) return `${JSON.stringify(structuredContent, null, 2)}\n`;
  return content
    .map((block) => {
      switch (block.type) {
        case 'text':
          return block.text;
        case 'image':
        case 'audio':
          return `[${block.type} ${block.mimeType}, ${Buffer.byteLength(block.data, 'base64')} bytes; --json shows them]`;
        case 'resource_link':
          return `[${block.uri}]`;
        case 'resource':
          return 'text' in block.resource ? block.resource.text : `[${block.resource.uri}]`;
        default: {
          const unknown: never = block;
          return JSON.stringify(unknown);
        }
      }
    })
    .map((text) => `${text}\n`)
    .join('');
}
