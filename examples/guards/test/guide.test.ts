import { readFileSync } from 'node:fs';
import {
  decodeLabelAgent,
  decodeLabelResource,
  encodeLabelAgent,
  encodeLabelResource,
  PolicyRejectedError,
} from '@lockgate/abi';
import { expect, test } from 'vitest';
import { openGuard } from './open-guard.ts';

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

/** The JSON blocks of one section of the guide. */
function examplesOf(title: string): string[] {
  const section = guide.split(/^#+ /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  return [...section.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json = '']) => json);
}

test('the guide shows questions and answers as they are', () => {
  const [policy = '', agent = '', call = '', resource = '', refusal = ''] = examplesOf('What is asked and answered');
  expect(encodeLabelAgent(JSON.parse(policy))).toBe(JSON.stringify(JSON.parse(policy)));
  expect(decodeLabelAgent(agent)).toMatchObject({ agent: { secrecy: ['private:memory'] }, difcMode: 'filter' });
  const request = { tool: 'open_nodes', args: { names: ['opening hours'] } };
  expect(JSON.parse(encodeLabelResource(request))).toEqual(JSON.parse(call));
  expect(decodeLabelResource(resource)).toMatchObject({
    resource: { secrecy: ['private:memory'] },
    operation: 'read',
  });
  expect(() => decodeLabelAgent(refusal)).toThrow(PolicyRejectedError);
});

test('the guide shows a policy that label-config takes', async () => {
  const [policy = ''] = examplesOf('Putting it to work');
  const guard = await openGuard('label-config');
  expect(guard.labelAgent(JSON.parse(policy)).difcMode).toBe('filter');
  expect(guard.labelResource('get_file', { owner: 'acme' }).resource.secrecy).toEqual(['private:acme']);
  const entities = [{ entityType: 'public' }, { entityType: 'private' }];
  const result = { content: [{ type: 'text', text: JSON.stringify({ entities }) }] };
  expect(guard.labelResponse('read_graph', {}, result)).toMatchObject({
    labeledPaths: [{ path: '/entities/0', labels: { secrecy: [] } }],
  });
});
