import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ServerLanguage } from '../../../src/cli/templates.ts';
import { newGuest, whyMissing } from './new-guest.ts';
import { whyMissingTarget } from './rust-target.ts';

const modules = fileURLToPath(new URL('../../../../../examples/plugins/node_modules', import.meta.url));
// What npm would install is here already.
const prelude = `npm() { if [ "$1" = install ]; then ln -sfn '${modules}' node_modules; else command npm "$@"; fi; }`;

const LANGUAGES: Readonly<Record<ServerLanguage, string | undefined>> = {
  assemblyscript: undefined,
  go: whyMissing('go', 'version'),
  rust: whyMissing('cargo', '--version') ?? whyMissingTarget('wasm32-wasip1'),
};

for (const [language, missing] of Object.entries(LANGUAGES)) {
  if (missing !== undefined) console.log(`skipped: a whole server in ${language} (${missing})`);
  test.skipIf(missing !== undefined)(
    `a new server in ${language} builds, is usable, and answers by the commands of its README`,
    { timeout: 600_000 },
    () => {
      const guest = newGuest(['server', '--language', language, 'weather'], prelude);
      guest.run(...guest.buildCommands);
      const said = guest.run(...guest.lockgateCommands);
      expect(said).toMatch(/weather\.wasm: whole server \(.*\), usable/);
      expect(said).toContain('as mcpServers.weather: env GREETING;');
      expect(said).toContain('Hello, World!');
      if (language !== 'assemblyscript') return; // the others have JSON of their language's own
      const config = JSON.parse(guest.read('lockgate.json'));
      config.mcpServers.weather.env = { GREETING: 'Olá' };
      writeFileSync(join(guest.folder, 'lockgate.json'), JSON.stringify(config));
      const more = guest.run(
        `lockgate call weather__greet '{ "who": "世界 \\"🌍\\"" }'`,
        `lockgate call weather__greet '{ "who": "" }' || true`,
      );
      expect(more).toContain('Olá, 世界 "🌍"!');
      expect(more).toContain('the argument "who" has to be a text');
    },
  );
}
