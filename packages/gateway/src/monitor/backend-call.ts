import type { Served } from '../call/served.ts';
import type { Exchange, Peer } from '../upstream/peer.ts';
import type { CallBackend } from './guards.ts';

const encoder = new TextEncoder();

/**
 * The way of a guard to the server it guards, past the monitor: tools that the server itself says are read-only, and no
 * others. What a guard learns this way it may only use for labels. Source: ABI.md §2, `env.call_backend`.
 *
 * @param servedAs - The server of a name, as the gateway serves it now.
 */
export function createBackendCall(servedAs: (server: string) => Served | undefined): CallBackend {
  return async (server, tool, args, signal) => {
    const served = servedAs(server);
    if (!served) throw new TypeError(`There is no server "${server}".`);
    const peer = guardPeer(server);
    const { tools } = await served.upstream.offer(peer);
    const annotations = tools.find(({ name }) => name === tool)?.annotations as { readOnlyHint?: unknown } | undefined;
    if (annotations?.readOnlyHint !== true) throw new TypeError(`"${tool}" of "${server}" is not a read-only tool.`);
    const message = { method: 'tools/call', params: { name: tool, arguments: args } };
    const result = await served.forwarder.forward(message, guardExchange(peer, signal), true);
    return encoder.encode(JSON.stringify(result));
  };
}

/** The gateway itself, on behalf of a guard: it can be told and asked nothing. */
function guardPeer(server: string): Peer {
  return {
    key: `guard of ${server}`,
    caller: { name: 'guard' },
    era: 'modern',
    capabilities: {},
    clientInfo: undefined,
    logLevel: undefined,
    notify: async () => {},
    ask: () => Promise.reject(new TypeError('A guard answers no questions of its server.')),
  };
}

function guardExchange(peer: Peer, signal: AbortSignal): Exchange {
  return { peer, signal, progressToken: undefined, notify: peer.notify, ask: peer.ask };
}
