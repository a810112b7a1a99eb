import { expect, test } from 'vitest';
import { parseConfigText } from '../../src/config/load.ts';

test('many blank lines do not keep a configuration from being read', async () => {
  const blank = '\n \n'.repeat(5_000);
  const { tree } = await parseConfigText(`${blank}{${blank}"mcpServers": {}${blank}}`, 'lockgate.json', 'json');
  expect(tree).toEqual({ mcpServers: {} });
});

test('a text of YAML that has lines with "=" is no TOML, and TOML after comments is', async () => {
  const yaml = 'mcpServers:\n  a:\n    command: >\n      A=1\n';
  expect((await parseConfigText(yaml, 'lockgate.yaml', 'yaml')).tree).toEqual({
    mcpServers: { a: { command: 'A=1\n' } },
  });
  await expect(parseConfigText('\r\n# mine\r\n\r\n[mcp_servers.a]\r\n', 'x', 'yaml')).rejects.toThrow('this is TOML');
});
