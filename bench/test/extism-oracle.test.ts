import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPlugin } from '@extism/extism';
import { createRuntime, type Isolation } from '@lockgate/runtime';
import asc from 'assemblyscript/asc';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What Extism's native runtime answers, in this order, recorded of version 1.41.0; of a code it has other words. */
const NATIVE: readonly (readonly [tool: string, data: string, isError: boolean])[] = [
  ['x', '1|k|-', false],
  ['x', '2|k|kept', false],
  ['fail', 'boom ✗', true],
  ['rc', '"call" ended with code 7', true],
  ['abort', 'abort: nope', true],
  ['x', '3|k|kept', false],
  ['nul', 'a\0b', false],
  ['slice', '2345', false],
  ['over', 'héll', false],
  ['mem', '0,3,0,0,0', false],
];

const folder = mkdtempSync(join(tmpdir(), 'lockgate-oracle-'));
let bytes: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  const file = join(folder, 'oracle.wasm');
  const source = 'assembly/extism-oracle';
  const base = ['--baseDir', fileURLToPath(new URL('..', import.meta.url))];
  const { error, stderr } = await asc.main([
    `${source}.ts`,
    ...base,
    '-O2',
    '--use',
    `abort=${source}/abort`,
    '--outFile',
    file,
  ]);
  if (error) throw new Error(stderr.toString());
  bytes = new Uint8Array(readFileSync(file));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

async function open(isolation: Isolation) {
  const runtime = await createRuntime({ isolation });
  const exports = { call: { input: 'text' }, echo: { input: 'text' } } as const;
  const plugin = await runtime.loadPlugin(bytes, { exports, settings: { KEY: 'k' } });
  const call = (name: string, input: string) => plugin.execute(name, { input });
  return { call, [Symbol.asyncDispose]: () => runtime.close() };
}

describe.each<Isolation>(['inline', 'worker'])('a plug-in of the AssemblyScript PDK %s', (isolation) => {
  test('answers as in the native runtime of Extism', async () => {
    await using plugin = await open(isolation);
    const answers: unknown[] = [];
    for (const [tool] of NATIVE) {
      const { data, isError } = await plugin.call('call', tool);
      answers.push([tool, data, isError]);
    }
    expect(answers).toEqual(NATIVE);
  });

  test('answers any text as in the SDK of Extism', async () => {
    await using plugin = await open(isolation);
    const oracle = await createPlugin(await WebAssembly.compile(bytes), { config: { KEY: 'k' } });
    try {
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 500 }), async (given) => {
          const text = given.toWellFormed();
          const { data } = await plugin.call('echo', text);
          expect(data).toBe((await oracle.call('echo', text))?.text() ?? '');
          await oracle.reset(); // it keeps the blocks of every call until then, and gets slower by them
        }),
        { numRuns: 100 },
      );
    } finally {
      await oracle.close();
    }
  });
});
