import type { Contest, Context } from '../figure.ts';
import { checkouts, startLockgate } from '../subjects/lockgate.ts';
import { startProgram, temporaryFolder } from '../subjects/server-process.ts';
import { loadContest, type Side } from './contest.ts';
import type { Era } from './messages.ts';

/** One way to configure a gateway in front of the server of the contest, `echo`. */
export interface ConfiguredSide {
  readonly name: string;
  /** Keys of "gateway". */
  readonly gateway: object;
  /** Sections beside "mcpServers". @default none */
  readonly sections?: object;
  /** What its clients come in with. @default nothing */
  readonly key?: string;
}

/** Gateways of this checkout against each other, in front of one HTTP server that echoes; all write their audit logs. */
export async function gatewayContest(
  context: Context,
  { era, clients, note }: { readonly era: Era; readonly clients: number; readonly note: string },
  configured: readonly [ConfiguredSide, ...ConfiguredSide[]],
): Promise<Contest> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await temporaryFolder());
  const server = opening.use(await startProgram('echo-server', era));
  const [{ main }] = checkouts(undefined);
  const start = async ({ name, gateway, sections, key }: ConfiguredSide): Promise<Side> => {
    const served = { ...sections, mcpServers: { echo: { url: server.url } } };
    const process = opening.use(await startLockgate(main, folder.path, served, gateway));
    const url = key === undefined ? process.url : process.url.replace('//', `//:${key}@`);
    return { name, process, target: { to: { url, how: 'http' }, era, clients, tool: 'echo', text: '' } };
  };
  const [first, ...others] = configured;
  const sides: [Side, ...Side[]] = [await start(first)];
  for (const other of others) sides.push(await start(other));
  return await loadContest(context, sides, opening.move(), { alike: true, note });
}
