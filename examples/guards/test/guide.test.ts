import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const guide = read('docs/writing-a-guard.md');

test('the guide shows the guard, its commands and its compilation as they are in its folder', () => {
  const folder = 'examples/guards/assemblyscript';
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(read(`${folder}/README.md`)) ?? [];
  const { scripts, devDependencies } = JSON.parse(read(`${folder}/package.json`));
  for (const shown of [
    `\`\`\`ts\n${read(`${folder}/assembly/memory-guard.ts`)}\`\`\`\n`,
    `\`\`\`sh\nlockgate new guard memory-guard\ncd memory-guard\n${block}\`\`\`\n`,
    `\`\`\`sh\n${scripts.build}\n\`\`\`\n`,
  ]) {
    expect(guide).toContain(shown);
  }
  const gateway = JSON.parse(read('packages/gateway/package.json')).devDependencies;
  expect(read('pnpm-workspace.yaml')).toContain(`  assemblyscript: ${devDependencies.assemblyscript}\n`);
  expect(devDependencies['@modelcontextprotocol/server-memory']).toBe(gateway['@modelcontextprotocol/server-memory']);
});
