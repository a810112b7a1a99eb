import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../runtime-grant-a-host.ts', import.meta.url));

test('runtime-grant-a-host reaches what was granted and is refused the rest', () => {
  const lines = execFileSync(process.execPath, [program], { encoding: 'utf8' }).trimEnd().split('\n');
  expect(lines.slice(0, 4)).toEqual(['a', 'b', 'c', 'd'].map((path) => `{"path":"/${path}","items[-1]":2}`));
  expect(lines[4]).toMatch(
    /^true fetch_json: GET http:\/\/169\.254\.169\.254\/\S+ failed: .*only a grant of that address allows it$/,
  );
});
