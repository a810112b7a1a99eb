import { Cancellation } from '../protocol/cancellation.ts';
import { silentPeer } from '../protocol/silent-peer.ts';
import { whenOver } from '../transport/when-over.ts';
import type { CallAnswer, ToolList } from './api.ts';
import type { ApiHandler } from './api-handler.ts';
import type { ConsoleSources } from './console-sources.ts';
import { type OperatorCalls, readCall } from './operator-calls.ts';
import { toolsOf } from './tools-of.ts';

/** What can be called, and calling it. */
export function toolHandlers(
  { endpoints }: Pick<ConsoleSources, 'endpoints'>,
  operator: OperatorCalls,
  lastCallOf: (session: string) => string | undefined,
): readonly ApiHandler[] {
  return [
    {
      method: 'GET',
      path: 'tools',
      role: 'viewer',
      handle: async ({ visitor }): Promise<ToolList> => {
        const catalog = await endpoints.of().catalog(silentPeer('console', visitor.caller));
        return { tools: toolsOf(catalog) };
      },
    },
    {
      method: 'POST',
      path: 'call',
      role: 'operator',
      handle: async ({ body, visitor, response }): Promise<CallAnswer> => {
        const asked = readCall(body);
        const gone = new Cancellation();
        whenOver(response, () => {
          if (!response.writableEnded) gone.cancel(new Error('the client has gone'));
        });
        const answer = await operator.call(asked, visitor.caller, visitor.key, gone);
        const call = lastCallOf(visitor.key);
        return { ...answer, ...(call !== undefined && { call }) };
      },
    },
  ];
}
