import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { newGuest } from './new-guest.ts';

const modules = fileURLToPath(new URL('../../../../../examples/plugins/node_modules', import.meta.url));
// What npm would install is here already.
const prelude = `npm() { if [ "$1" = install ]; then ln -sfn '${modules}' node_modules; else command npm "$@"; fi; }`;

test('a new plug-in for Extism builds, is usable, answers with its setting by the commands of its README, and tells what it fails of', {
  timeout: 240_000,
}, () => {
  const { buildCommands, lockgateCommands, folder, run, read } = newGuest(
    ['plugin', '--kind', 'extism', 'weather'],
    prelude,
  );
  run(...buildCommands);
  const said = run(...lockgateCommands);
  expect(said).toContain('weather.wasm: Extism plug-in, usable');
  expect(said).toContain('Hello, World!');
  expect(run(`lockgate call weather__greet '{ "who": "" }' || true`)).toContain(
    'greet: the argument "who" is required',
  );
  const config = JSON.parse(read('lockgate.json'));
  config.plugins.weather.settings = { greeting: 'Olá' };
  writeFileSync(join(folder, 'lockgate.json'), JSON.stringify(config));
  expect(run(`lockgate call weather__greet '{ "who": "世界 🌍" }'`)).toContain('Olá, 世界 🌍!');

  const file = 'assembly/weather.ts';
  const before = "  const greeting = Config.get('greeting');";
  expect(read(file)).toContain(before);
  writeFileSync(join(folder, file), read(file).replace(before, `  assert(false, 'the tank is empty');\n${before}`));
  const failed = run(...buildCommands, `lockgate call weather__greet '{ "who": "you" }' || true`);
  expect(failed).toMatch(/the tank is empty \(assembly\/weather\.ts:\d+:\d+\)/);
});
