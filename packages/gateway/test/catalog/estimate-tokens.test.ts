import { encode as cl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { encode as o200k } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { estimateTokens } from '../../src/catalog/estimate-tokens.ts';
import { installedTools } from './search/installed-tools.ts';

test('a list is estimated at within a third of what tokenizers count, and at no less', async () => {
  const items = (await installedTools()).map(({ item }) => item);
  const text = JSON.stringify(items.map((item) => item.toValue()));
  const estimated = estimateTokens(items);
  for (const [name, encode] of Object.entries({ o200k, cl100k })) {
    const counted = encode(text).length;
    console.log(`${name}: ${counted} tokens for ${text.length} bytes, estimated ${estimated}`);
    expect(estimated / counted).toBeGreaterThan(0.9);
    expect(estimated / counted).toBeLessThan(1.34);
  }
});
