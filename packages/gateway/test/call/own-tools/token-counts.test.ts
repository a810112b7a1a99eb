import { readFileSync } from 'node:fs';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import type { KeptAnswers } from '../../../src/call/kept-answers.ts';
import { executeTool } from '../../../src/call/own-tools/execute-tool.ts';
import type { OwnTool } from '../../../src/call/own-tools/own-tool.ts';
import { searchTool } from '../../../src/call/own-tools/search-tool.ts';
import { ToolFinder } from '../../../src/call/own-tools/tool-finder.ts';
import { ScriptTool } from '../../../src/script/script-tool.ts';

const page = readFileSync(new URL('../../../../../docs/what-models-are-told.md', import.meta.url), 'utf8');

/** Tokens that a tool may take out of every conversation. */
const MOST = 250;

const scriptTool = (): OwnTool => new ScriptTool({} as never);

test.each([searchTool, executeTool, scriptTool])('an own tool costs a conversation few tokens', (make) => {
  const { name, definition } = make(new ToolFinder(), {} as KeptAnswers);
  const tokens = encode(definition.toBytes().toString()).length;
  console.log(`${name}: ${tokens} tokens (o200k_base), ${definition.byteLength} bytes`);
  expect(tokens).toBeLessThan(MOST);
  const shown = page.split(`## ${name}: ${tokens} tokens\n\n\`\`\`json\n`)[1]?.split('```')[0];
  expect(JSON.parse(shown ?? 'null'), 'docs/what-models-are-told.md').toEqual(definition.toValue());
});
