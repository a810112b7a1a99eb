import * as z from 'zod';
import type { PinError } from '../consent/pin-error.ts';
import type { Observer } from '../observer.ts';
import { accountable } from './accountable.ts';
import type { PinnedItem, PinReport } from './api.ts';
import { ApiFailure, badRequest } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import type { ConsoleSources } from './console-sources.ts';

/** Most items of one approval. */
const MOST = 10_000;

const pinned = z.strictObject({
  server: z.string(),
  kind: z.enum(['tool', 'prompt', 'instructions']),
  name: z.string(),
});

const approval = z.strictObject({
  items: z
    .array(pinned.extend({ digest: z.string() }))
    .min(1)
    .max(MOST),
});

const forgetting = z.strictObject({ items: z.array(pinned).min(1).max(MOST) });

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
        await ofEachServer(data.items, visitor.name, 'approve', (items) => pins.approve(items));
        return pins.report();
      },
    },
    {
      method: 'POST',
      path: 'pins/forget',
      role: 'operator',
      handle: async ({ body, visitor }): Promise<PinReport> => {
        const { data } = forgetting.safeParse(body);
        if (!data) throw badRequest('"items" has to be a list of {"server", "kind", "name"}');
        await ofEachServer(data.items, visitor.name, 'forget', (items) => pins.forget(items));
        return pins.report();
      },
    },
  ];

  async function ofEachServer<T extends PinnedItem>(
    all: readonly T[],
    by: string,
    action: 'approve' | 'forget',
    act: (items: readonly T[]) => Promise<void>,
  ): Promise<void> {
    for (const [server, items] of Map.groupBy(all, (item) => item.server)) {
      const each: Pick<Observer, 'operated'> = {
        operated: (done) => {
          // A line for each item: who reads the log asks who approved this tool.
          for (const { kind, name } of items) observer.operated({ ...done, target: `${kind} ${name}` });
        },
      };
      await accountable(each, { by, action, server }, async () => {
        try {
          await act(items);
        } catch (error) {
          throw new ApiFailure(409, 'CANNOT', (error as PinError).message);
        }
      });
    }
  }
}
