import { withoutEnvelope } from '../protocol/envelope.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';

/** The token under which a plugin reports progress: each request has its own client, so that one will do. hyper-mcp's kits take texts. */
const PROGRESS_TOKEN = 'progress';

/** What a plugin is told of a request beside its parameters: never the client's own token, nor what the client says of itself. */
export function metaFor(
  params: ObjectText | undefined,
  progressToken: Buffer | undefined,
): { readonly meta?: Readonly<Record<string, unknown>> } {
  const meta = params && withoutEnvelope(params).object('_meta');
  if (meta === undefined && progressToken === undefined) return {};
  const { progressToken: _, ...rest } = meta?.toValue() ?? {};
  return { meta: { ...rest, ...(progressToken !== undefined && { progressToken: PROGRESS_TOKEN }) } };
}
