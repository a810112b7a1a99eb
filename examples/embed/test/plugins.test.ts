import { createRuntime, type Isolation } from '@lockgate/runtime';
import { describe, expect, test } from 'vitest';

const file = (name: string): URL => new URL(`../../plugins/dist/${name}.wasm`, import.meta.url);

describe.each<Isolation>(['worker', 'inline'])('the example plugins, isolation %s', (isolation) => {
  test('64 calls at once that wait on HTTP each get their own fields', async () => {
    await using runtime = await createRuntime({
      isolation,
      fetch: async (url) => Response.json({ path: new URL(url).pathname, noise: 'x'.repeat(url.length * 50) }),
    });
    const plugin = await runtime.loadPlugin(file('http-json'), { http: { allow: ['api.example.com'] } });
    const paths = Array.from({ length: 64 }, (_, n) => `/item/${n}`);
    const answers = await Promise.all(
      paths.map((path) => plugin.execute('fetch_json', { url: `https://api.example.com${path}`, fields: ['path'] })),
    );
    expect(answers).toEqual(paths.map((path) => ({ data: JSON.stringify({ path }), isError: false })));
  });

  test('a refused setting says why, and tools come with their schemas', async () => {
    await using runtime = await createRuntime({ isolation });
    const plugin = await runtime.loadPlugin(file('http-json'));
    await expect(plugin.configure({ api_key: 'k' })).rejects.toMatchObject({ code: 'RUNTIME_CONFIGURE_REJECTED' });
    const textkit = await runtime.loadPlugin(file('textkit'), { settings: {} });
    const tools = await textkit.tools();
    expect(tools).toHaveLength(11);
    expect(tools?.find(({ name }) => name === 'hash_text')).toMatchObject({
      inputSchema: { required: ['text'] },
      outputSchema: { required: ['algorithm', 'hex', 'bytes'] },
      annotations: { readOnlyHint: true },
    });
    expect(await textkit.compactSpecs()).toHaveProperty('count_words', ['words', 'reading_seconds']);
  });
});
