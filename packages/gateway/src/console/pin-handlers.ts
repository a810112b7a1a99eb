import * as z from 'zod';
import type { PinError } from '../consent/pin-error.ts';
import { accountable } from './accountable.ts';
import type { PinReport } from './api.ts';
import { ApiFailure, badRequest } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import type { ConsoleSources } from './console-sources.ts';

/** Most items of one approval. */
const MOST = 10_000;

const approval = z.strictObject({
  items: z
    .array(
      z.strictObject({
        server: z.string(),
        kind: z.enum(['tool', 'prompt', 'instructions']),
        name: z.string(),
        digest: z.string(),
      }),
    )
    .min(1)
    .max(MOST),
});

/** What is withheld from clients until somebody has looked at it, and approving it. Models have no way here. */
export function pinHandlers({ pins, observer }: Pick<ConsoleSources, 'pins' | 'observer'>): readonly ApiHandler[] {
  return [
    { method: 'GET', path: 'pins', role: 'viewer', handle: () => pins.report() },
    {
      method: 'POST',
      path: 'pins/approve',
      role: 'operator',
      handle: async ({ body, visitor }): Promise<PinReport> => {
        const { data } = approval.safeParse(body);
        if (!data)
          throw badRequest('"items" has to be a list of {"server", "kind", "name", "digest"}, as GET pins lists them');
        const by = visitor.name;
        for (const server of new Set(data.items.map((item) => item.server))) {
          const items = data.items.filter((item) => item.server === server);
          await accountable(observer, { by, action: 'approve', server }, async () => {
            try {
              pins.approve(items);
            } catch (error) {
              throw new ApiFailure(409, 'CANNOT', (error as PinError).message);
            }
          });
        }
        return pins.report();
      },
    },
  ];
}
