import type { ObjectText } from '../protocol/frame/object-text.ts';

/**
 * Bytes of a list of tools for which one token is counted. Tokenizers of today's models take 3.9 to 4.6 bytes of such JSON for one
 * (test/catalog/estimate-tokens.test.ts measures it).
 */
const BYTES_PER_TOKEN = 4;

/** About how many tokens a model reads where it is shown these items. Exact counts differ from model to model. */
export function estimateTokens(items: readonly ObjectText[]): number {
  return Math.ceil(items.reduce((sum, { byteLength }) => sum + byteLength, 0) / BYTES_PER_TOKEN);
}
