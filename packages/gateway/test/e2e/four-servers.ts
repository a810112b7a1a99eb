import type { Gateway } from '../../src/gateway.ts';
import { serveEverything } from '../conformance/fixtures/everything-server.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';

const program = new URL('../conformance/fixtures/everything-stdio.ts', import.meta.url).pathname;

/** Names of the four kinds of server that there are. */
const FOUR_SERVERS = ['http-2026', 'http-2025', 'stdio-2026', 'stdio-2025'] as const;

/** Both eras of clients on each of the four. */
export const COMBINATIONS = (['legacy', 'modern'] as const).flatMap((era) =>
  FOUR_SERVERS.map((server) => ({ era, server })),
);

/** A gateway in front of the everything-server in all four ways. */
export async function openFourServers(): Promise<
  AsyncDisposable & { readonly gateway: Gateway; readonly url: string }
> {
  const both = await serveEverything();
  const only2025 = await serveEverything({ only2025: true });
  const stdio = { command: process.execPath, args: ['--conditions=@lockgate/source', program] };
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: {
      'http-2026': { url: both.url },
      'http-2025': { url: only2025.url },
      'stdio-2026': stdio,
      'stdio-2025': { ...stdio, args: [...stdio.args, '--only-2025'] },
    } as never,
  });
  await gateway.started();
  const { url } = await gateway.listen();
  return {
    gateway,
    url,
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await Promise.all([both.close(), only2025.close()]);
    },
  };
}
