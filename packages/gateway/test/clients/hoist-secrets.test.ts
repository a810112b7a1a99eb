import { expect, test } from 'vitest';
import { hoistSecrets } from '../../src/clients/hoist-secrets.ts';

test('a variable of one server has the name of the server once, whether the secret is called by it or not', () => {
  const args = ['--figma-api-key=s3cret-Value-1', '--token', 's3cret-Value-2'];
  const entry = {
    command: 'x',
    args,
    headers: { 'Figma-Token': 's3cret-Value-3' },
    env: { API_KEY: 's3cret-Value-4' },
  };
  const wanted: string[] = [];
  hoistSecrets('mcpServers', 'figma', entry, (_value, [name = '']) => {
    wanted.push(name);
    return name;
  });
  expect(wanted.toSorted()).toEqual(['FIGMA_API_KEY', 'FIGMA_API_KEY', 'FIGMA_TOKEN', 'FIGMA_TOKEN']);
});
