import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type ServerProcess, startNode, writeJson } from './server-process.ts';

/** A built checkout of this project; the one without a folder is this one. */
export interface Checkout {
  readonly name: string;
  readonly main: string;
}

/** This checkout, and the other one it is to be compared with. */
export function checkouts(against: string | undefined): readonly [Checkout, ...Checkout[]] {
  const here = {
    name: 'lockgate',
    main: fileURLToPath(new URL('../../packages/gateway/dist/main.js', import.meta.url)),
  };
  return against === undefined ? [here] : [here, { name: `lockgate of ${basename(against)}`, main: mainOf(against) }];
}

/** Where a checkout's program lies once it is built. */
export function mainOf(folder: string): string {
  return `${folder}/packages/gateway/dist/main.js`;
}

/** A configuration file for a gateway with its logs beside it. */
export async function writeConfig(folder: string, port: number, sections: object, more: object = {}): Promise<string> {
  const name = `gateway-${port}`;
  const gateway = { listen: `127.0.0.1:${port}`, prefix: 'auto', logDir: `${folder}/${name}`, ...more };
  return await writeJson(folder, `${name}.json`, { gateway, ...sections });
}

/**
 * Starts `lockgate serve` over HTTP.
 *
 * @param more - Keys of "gateway".
 * @param args - Further arguments.
 */
export async function startLockgate(
  main: string,
  folder: string,
  sections: object,
  more: object = {},
  args: readonly string[] = [],
): Promise<ServerProcess> {
  const port = await freePort();
  const config = await writeConfig(folder, port, sections, more);
  return startNode([main, 'serve', '--config', config, ...args], `http://127.0.0.1:${port}/mcp`, ownSettingsOnly());
}

/** The environment without the variables that would set something in the gateway. */
function ownSettingsOnly(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MCP_GATEWAY_')));
}
