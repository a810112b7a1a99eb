import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newGuest, whyMissing } from './new-guest.ts';
import { whyMissingTarget } from './rust-target.ts';

const missing = whyMissing('cargo', '--version') ?? whyMissingTarget('wasm32-wasip2');
if (missing !== undefined) console.log(`skipped: a component in rust (${missing})`);

test.skipIf(missing !== undefined)(
  'a new component builds, is usable, and answers with its setting by the commands of its README',
  { timeout: 600_000 },
  () => {
    const guest = newGuest(['plugin', '--kind', 'component', 'weather']);
    guest.run(...guest.buildCommands);
    const said = guest.run(...guest.lockgateCommands);
    expect(said).toContain('plugin.wasm: component, usable');
    expect(said).toContain('greet (who: string) -> result<string, string>');
    expect(said).toContain('Hello, World!');
    // What it logs is for who debugs it.
    expect(said).not.toContain('greeting somebody');
    expect(guest.run(`lockgate call weather__greet '{ "who": "" }' || true`)).toContain(
      'the argument \\"who\\" is required',
    );
    const config = JSON.parse(guest.read('lockgate.json'));
    config.plugins.weather.settings = { greeting: 'Olá' };
    writeFileSync(join(guest.folder, 'lockgate.json'), JSON.stringify(config));
    expect(guest.run(`lockgate call weather__greet '{ "who": "世界 🌍" }'`)).toContain('Olá, 世界 🌍!');
  },
);
