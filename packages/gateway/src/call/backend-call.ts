import { UpstreamUnavailableError } from '../errors.ts';
import { BackendRefusedError } from '../monitor/backend-refused-error.ts';
import type { CallBackend } from '../monitor/guards.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { isObject } from '../protocol/message.ts';
import { silentPeer } from '../protocol/silent-peer.ts';
import type { Served } from './served.ts';

/** Nobody is answered under it. */
const NO_ID = Buffer.from('null');

/** Has no login of its own, and is given nobody's. */
const NOBODY = { name: 'guard' };

/**
 * The way of a guard to the server it guards, past the monitor: tools that the server itself says are read-only, and no
 * others. A server that each caller logs in to is asked with the caller's login, and never with another. What a guard learns this way it may only use for labels. Source: ABI.md §2, `env.call_backend`.
 *
 * @param servedAs - The server of a name, as the gateway serves it now.
 * @throws BackendRefusedError - The tool is another; what the server failed with passes.
 */
export function createBackendCall(servedAs: (server: string) => Served | undefined): CallBackend {
  return async (server, tool, args, signal, caller) => {
    const served = servedAs(server);
    if (!served) throw new UpstreamUnavailableError({ server, state: 'not configured' });
    const peer = silentPeer(`guard of ${server}`, caller ?? NOBODY);
    const { tools } = await served.upstream.offer(peer, false);
    const offered = tools.find((item) => item.text('name') === tool);
    if (!offered) throw new BackendRefusedError('The server has no such tool.');
    const annotations = offered.value('annotations');
    if (!isObject(annotations) || annotations.readOnlyHint !== true) {
      throw new BackendRefusedError('The server does not say that it is read-only (annotations.readOnlyHint).');
    }
    const message = { method: 'tools/call', params: ObjectText.from({ name: tool, arguments: args }) };
    const exchange: Exchange = {
      peer,
      id: NO_ID,
      message,
      byteLength: 0,
      cancellation: Cancellation.of(signal),
      progressToken: undefined,
      inputResponses: undefined,
      requestState: undefined,
      notify: () => {},
      ask: peer.ask,
    };
    return (await served.forwarder.forward(message, exchange, true)).toBytes();
  };
}
