import { expect, test } from 'vitest';
import { readClientFile } from '../../src/clients/read-client-file.ts';

test('of a program in Codex, keys of an address are left out under the names that they have in its file', async () => {
  const text = `[mcp_servers.a]
command = "node"
bearer_token_env_var = "TOKEN"
env_http_headers = { X-Key = "KEY" }
http_headers = { X-Region = "eu" }
`;
  const { found } = await readClientFile('/home/me/.codex/config.toml', text, '/home/me');
  expect(found).toMatchObject([
    {
      name: 'a',
      entry: { command: 'node' },
      remarks: ['http_headers', 'env_http_headers', 'bearer_token_env_var'].map((key) =>
        expect.stringContaining(`"${key}" is left out: it goes with "url"`),
      ),
    },
  ]);
  expect(JSON.stringify(found)).not.toContain('Bearer');
});
