import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeSecrets } from '../../src/cli/write-secrets.ts';
import { folderWith } from './run-lockgate.ts';

const variables = (...names: string[]) => names.map((name) => ({ name, sources: [`where ${name} is`], isSet: false }));

test('values are added once, and what is not known has a comment to fill in', async () => {
  const folder = await folderWith({ 'own.env': 'A=mine\n# C=' });
  const path = join(folder, 'own.env');
  const plan = {
    variables: variables('A', 'B', 'C', 'D'),
    values: new Map(['A', 'B', 'C'].map((name) => [name, 'x y'])),
  };
  await writeSecrets(path, plan);
  await writeSecrets(path, plan);
  expect(await readFile(path, 'utf8')).toBe("A=mine\n# C=\nB='x y'\nC='x y'\n# where D is\n# D=\n");
});

test('what is written is read again as it was, by its owner alone', async () => {
  const folder = await folderWith({});
  let files = 0;
  const value = fc.string({ unit: fc.constantFrom('a', ' ', '#', '=', '"', "'", '`', '$', '\\', 'n', '\n', 'é', '{') });
  await fc.assert(
    fc.asyncProperty(value, async (text) => {
      const path = join(folder, `${files++}.env`);
      const written = await writeSecrets(path, {
        variables: variables('A', 'B'),
        values: new Map([
          ['A', text],
          ['B', 'b'],
        ]),
      }).then(
        () => true,
        (error: Error) => /has quotes of every kind/.test(error.message) && !error.message.includes(text || ' '),
      );
      expect(written).toBe(true);
      const env = await readFile(path, 'utf8').catch(() => undefined);
      if (env === undefined) return;
      expect(parseEnv(env)).toEqual({ A: text, B: 'b' });
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    }),
    { numRuns: 200 },
  );
});
