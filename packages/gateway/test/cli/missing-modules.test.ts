import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, runLockgate } from './run-lockgate.ts';

const POLICY = 'version: "1.0"\npermissions: {}\n';

test.each([
  ['weather.policy.yaml', POLICY, 'weather'],
  [
    'hyper.json',
    JSON.stringify({ plugins: { weather: { url: 'file:///none/weather.wasm', runtime_config: {} } } }),
    'weather',
  ],
])('%s: a plugin whose module is not there is switched off, and says what to do', async (file, text, name) => {
  const workingFolder = await folderWith({ [file]: text });
  const run = () => runLockgate(['import', file, '--json'], { workingFolder, environment: { HOME: workingFolder } });
  const [outcome] = JSON.parse((await run()).stdout).outcomes;
  expect(outcome.to.entry).toMatchObject({ disabled: true });
  expect(outcome.to.name).toBe(name);
  expect(outcome.remarks.at(-1)).toMatch(
    /^there is no ".*weather\.wasm", so it is switched off: put its module there, or correct "path"/,
  );
});

test('a plugin whose module is there is not', async () => {
  const workingFolder = await folderWith({ 'weather.policy.yaml': POLICY });
  await writeFile(join(workingFolder, 'weather.wasm'), '');
  const { stdout } = await runLockgate(['import', 'weather.policy.yaml', '--json'], { workingFolder });
  const [{ to, remarks }] = JSON.parse(stdout).outcomes;
  expect([to.entry.disabled, remarks]).toEqual([undefined, []]);
});
