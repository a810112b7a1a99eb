import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type { Reach } from '../clients/export-forms.ts';
import { childTree, isTree } from '../clients/tree.ts';
import { referencedVariables } from '../clients/variable-syntax.ts';
import { parseListen } from '../config/gateway-section.ts';
import { loadConfigFile } from '../config/load.ts';
import { resolveConfig } from '../config/resolve.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { pasteableAddress } from './pasteable-address.ts';
import type { Terminal } from './terminal.ts';

/** How clients reach the gateway of a configuration. */
export interface GatewayReach {
  /** One for each endpoint: with "mode": "routed" each server has its own. */
  readonly reaches: readonly { readonly name: string; readonly reach: Reach }[];
  /** The configuration as it is written. */
  readonly tree: unknown;
  /** What whoever exports it should know. */
  readonly remarks: readonly string[];
}

/** Of the gateway's own section, what its address is made of. Beside it, variables may be undefined here: `serve` is given them. */
const OF_ADDRESS: ReadonlySet<string> = new Set(['listen', 'publicUrl', 'mode']);

export interface ReachOptions {
  readonly config: string | undefined;
  /** File of variables that the client names where it starts the gateway. */
  readonly env: string | undefined;
  readonly isProgram: boolean;
  readonly name: string;
}

/**
 * Reads of a configuration what clients need to know. What its servers and the gateway itself need, such as secrets, does not have to be there.
 *
 * @throws GATEWAY_CONFIG when it cannot be used; CommandFailure when the client could not start it.
 */
export async function reachGateway(
  { config, env, isProgram, name }: ReachOptions,
  terminal: Terminal,
): Promise<GatewayReach> {
  const text = config === undefined ? undefined : await loadConfigFile(config);
  const tree = text?.tree ?? {};
  if (isProgram) {
    if (config === undefined)
      throw new CommandFailure(
        'a client that starts the gateway needs its configuration: name one with --config',
        EXIT.usage,
      );
    const remarks = env === undefined ? missedVariables(tree) : [];
    return { reaches: [{ name, reach: await programOf(config, env, terminal) }], tree, remarks };
  }
  const own = (isTree(tree) ? childTree(tree, 'gateway') : undefined) ?? {};
  const { gateway } = resolveConfig({
    text: {
      source: config ?? 'configuration',
      locate: (place) => text?.locate(place),
      tree: { gateway: Object.fromEntries(Object.entries(own).filter(([key]) => OF_ADDRESS.has(key))) },
    },
    folder: config === undefined ? terminal.workingFolder : dirname(config),
    flags: {},
    environment: terminal.environment,
    workingFolder: terminal.workingFolder,
  }).config;
  const base = addressOf(gateway, childTree(own, 'tls') !== undefined);
  const auth = childTree(own, 'auth') ?? {};
  const needsKey = auth.jwt !== undefined || (Array.isArray(auth.apiKeys) && auth.apiKeys.length > 0);
  const names = gateway.mode === 'routed' ? serversOf(tree) : [];
  if (gateway.mode === 'routed' && names.length === 0)
    throw new CommandFailure(
      'with "mode": "routed" each server has an address of its own, and there is no server',
      EXIT.usage,
    );
  return {
    reaches:
      names.length > 0
        ? names.map((server) => ({ name: server, reach: { kind: 'http', url: `${base}/mcp/${server}`, needsKey } }))
        : [{ name, reach: { kind: 'http', url: `${base}/mcp`, needsKey } }],
    tree,
    remarks: [],
  };
}

function addressOf(gateway: GatewayConfig['gateway'], hasTls: boolean): string {
  if (gateway.publicUrl !== undefined) return gateway.publicUrl.replace(/\/$/, '');
  const { host, port } = parseListen(gateway.listen) ?? { host: '127.0.0.1', port: 3000 };
  if (port === 0)
    throw new CommandFailure('"gateway.listen" takes any free port: name one, or write "publicUrl"', EXIT.usage);
  const scheme = gateway.tls === undefined && !hasTls ? 'http' : 'https';
  return pasteableAddress(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`);
}

function serversOf(tree: unknown): readonly string[] {
  if (!isTree(tree)) return [];
  return (['plugins', 'mcpServers'] as const).flatMap((section) =>
    Object.entries(childTree(tree, section) ?? {}).flatMap(([name, entry]) =>
      isTree(entry) && entry.disabled === true ? [] : [name],
    ),
  );
}

/** A client that was not started in a shell has little of an environment. */
function missedVariables(tree: unknown): readonly string[] {
  const needed = referencedVariables(JSON.stringify(tree)).filter(({ isOptional }) => !isOptional);
  const names = [...new Set(needed.map(({ name }) => name))];
  return names.length === 0
    ? []
    : [
        `the gateway finds ${names.join(', ')} in the client's environment alone; --env <file> names a file that has them`,
      ];
}

/** By name where it is installed; as npx finds it where it runs from there; else this very program, in a checkout or a project. */
async function programOf(config: string, env: string | undefined, { environment }: Terminal): Promise<Reach> {
  const serve = ['serve', '--config', config, ...(env === undefined ? [] : ['--env', env]), '--stdio'];
  for (const folder of (environment.PATH ?? '').split(delimiter).filter((path) => path !== '')) {
    const isThere = await access(join(folder, 'lockgate'), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere && !folder.includes('node_modules')) return { kind: 'stdio', command: 'lockgate', args: serve };
  }
  const program = programFile();
  return /[\\/]_npx[\\/]/.test(program)
    ? { kind: 'stdio', command: 'npx', args: ['-y', '-p', '@lockgate/gateway', 'lockgate', ...serve] }
    : { kind: 'stdio', command: process.execPath, args: [program, ...serve] };
}

function programFile(): string {
  const require = createRequire(import.meta.url);
  const { bin } = require('@lockgate/gateway/package.json') as { readonly bin: { readonly lockgate: string } };
  return join(dirname(require.resolve('@lockgate/gateway/package.json')), bin.lockgate);
}
