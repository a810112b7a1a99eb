import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { newGuest, whyMissing } from './new-guest.ts';
import { pluginSuite } from './plugin-suite.ts';

const missing = whyMissing('go', 'version') ?? whyTooOld();

pluginSuite({
  language: 'go',
  missing,
  module: 'weather.wasm',
  panic: {
    file: 'plugin.go',
    before: '	log("greeting somebody")',
    statement: '	if greeting != "" {\n		panic(errors.New("the tank is empty"))\n	}',
  },
  told: /wrote "panic: the tank is empty"/,
});

test.skipIf(missing !== undefined)(
  'a Go program that was built as a command is said to be one, and how to build it',
  { timeout: 240_000 },
  () => {
    const { run } = newGuest(['plugin', '--language', 'go', 'weather']);
    run('GOOS=wasip1 GOARCH=wasm go build -o weather.wasm .');
    const said = run('lockgate inspect weather.wasm || true', "lockgate call weather__greet '{}' || true");
    expect(said).toContain('weather.wasm: plugin, not usable');
    expect(said).toMatch(/problem {2}it is a Go program built without -buildmode=c-shared/);
    expect(said).toMatch(/to do {4}build it with -buildmode=c-shared/);
    expect(said).not.toMatch(/export what is missing/);
    expect(said).toMatch(/error: .*weather\.wasm: it is a Go program built without/);
  },
);

function whyTooOld(): string | undefined {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  const [, minor = 0] = /^go1\.(\d+)/.exec(stdout) ?? [];
  return Number(minor) < 24 ? `go is ${stdout.trim()}, and exporting functions needs 1.24` : undefined;
}
